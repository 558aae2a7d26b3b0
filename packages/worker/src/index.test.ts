import { expect, test } from "vitest";
import * as api from "./index.ts";

test("the API grows on purpose", () => {
  expect(Object.keys(api).sort()).toEqual([
    "PREVIEW_RUN_ID",
    "RunInterrupted",
    "builtinActions",
    "builtinHandlers",
    "cloudWatchMetrics",
    "createPrometheusMetrics",
    "createRunTracker",
    "createWorkerLogger",
    "csvQuotings",
    "defineAction",
    "defineGenerator",
    "defineHandler",
    "defineJobType",
    "definePluginAction",
    "executeLastWill",
    "fileSink",
    "joinPlugins",
    "levelNames",
    "loadPlugins",
    "nothingYet",
    "openTelemetryTraces",
    "parseAnyTime",
    "pluginNames",
    "renderJobTemplates",
    "resolvePlugin",
    "runSqlFiles",
    "specExtensions",
    "sqlFormats",
    "startWorker",
    "stderrSink",
    "syslogSink",
  ]);
});
