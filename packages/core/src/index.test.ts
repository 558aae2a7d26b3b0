import { expect, test } from "vitest";
import * as core from "./index.ts";

test("the public API grows on purpose", () => {
  expect(Object.keys(core).sort()).toEqual([
    "DecimalValue",
    "FloatValue",
    "LavaError",
    "createRedactor",
    "errorText",
    "fnmatch",
    "formatDuration",
    "formatIssue",
    "formatLocalTime",
    "formatPath",
    "formatSize",
    "formatUtcTime",
    "inParallel",
    "isMap",
    "isTruthy",
    "nullLogger",
    "parseDuration",
    "parseJson",
    "parseSize",
    "quoteShellWord",
    "splitShellWords",
    "suggest",
    "systemClock",
  ]);
});
