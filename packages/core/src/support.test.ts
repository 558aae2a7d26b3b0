import { expect, test } from "vitest";
import {
  createRedactor,
  errorText,
  formatIssue,
  formatLocalTime,
  formatUtcTime,
  LavaError,
  nullLogger,
  systemClock,
} from "./index.ts";

test("times are whole seconds with a numeric offset, and UTC without one (WF-003, WF-103)", () => {
  const ms = Date.UTC(2026, 10, 23, 7, 47, 15, 900);

  expect(formatLocalTime(ms)).toMatch(/^2026-11-2[234]T\d\d:\d\d:15[+-]\d\d:\d\d$/);
  expect(new Date(formatLocalTime(ms)).getTime()).toBe(ms - 900);
  expect(formatUtcTime(ms)).toBe("2026-11-23T07:47:15");
});

test("an issue is printed with its place, field and suggestion", () => {
  const issue = { path: ["parameters", "args", 0], code: "x", message: "must be text" };

  expect(formatIssue({ ...issue, file: "a.yaml", line: 3, column: 7, suggestion: "y" })).toBe(
    'a.yaml:3:7: parameters.args[0]: must be text (did you mean "y"?)',
  );
  expect(formatIssue({ ...issue, path: [] })).toBe("must be text");
});

test("a LavaError carries what callers decide on", () => {
  const cause = new Error("inner");
  const error = new LavaError("SOME_CODE", "outer", {
    cause,
    hint: "do this",
    retry: "never",
    kind: "usage",
  });

  expect(error).toMatchObject({
    code: "SOME_CODE",
    hint: "do this",
    retry: "never",
    kind: "usage",
    cause,
  });
  expect(errorText(error)).toBe("outer");
  expect(errorText("text")).toBe("text");
});

test("secrets are masked by value and by common encodings, longest first", () => {
  const redactor = createRedactor();
  redactor.add("pa ss/wörd");
  redactor.add("pa s");
  redactor.add("abc");
  const base64 = Buffer.from("pa ss/wörd").toString("base64");

  const masked = redactor.mask(
    `1 pa ss/wörd 2 ${encodeURIComponent("pa ss/wörd")} 3 ${base64} 4 abc`,
  );

  expect(masked).toBe("1 **** 2 **** 3 **** 4 abc");
});

test("sleep ends early with the signal's reason", async () => {
  const reason = new LavaError("STOPPED", "stopped");

  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  await systemClock.sleep(1);
  expect(systemClock.now()).toBeGreaterThan(0);
});

test("the null logger logs nothing and has children", () => {
  expect(nullLogger.child({ a: 1 })).toBe(nullLogger);
  expect(nullLogger.info({}, "x")).toBeUndefined();
});
