import { expect, test } from "vitest";
import * as api from "./index.ts";

test("the API grows on purpose", () => {
  expect(Object.keys(api).sort()).toEqual([
    "PREVIEW_RUN_ID",
    "RunInterrupted",
    "builtinActions",
    "builtinHandlers",
    "cloudWatchMetrics",
    "createWorkerLogger",
    "defineAction",
    "defineHandler",
    "executeLastWill",
    "fileSink",
    "levelNames",
    "loadPlugins",
    "nothingYet",
    "parseAnyTime",
    "renderJobTemplates",
    "startWorker",
    "stderrSink",
    "syslogSink",
  ]);
});
