import { expect, test } from "vitest";
import * as api from "./index.ts";

test("the API grows on purpose", () => {
  expect(Object.keys(api).sort()).toEqual([
    "RunInterrupted",
    "builtinActions",
    "builtinHandlers",
    "createWorkerLogger",
    "defineAction",
    "defineHandler",
    "executeLastWill",
    "fileSink",
    "levelNames",
    "loadPlugins",
    "nothingYet",
    "startWorker",
    "stderrSink",
    "syslogSink",
  ]);
});
