import { expect, test } from "vitest";
import * as z from "zod";
import { issuesFromZod } from "./issues.ts";

const schema = z.strictObject({
  name: z.string().min(1),
  size: z.union([z.string(), z.number()]).optional(),
  items: z.array(z.strictObject({ kind: z.enum(["one", "two"]) })).optional(),
});

function issues(data: unknown, options = {}) {
  const result = schema.safeParse(data);
  return result.success ? [] : issuesFromZod(result.error, { schema, data, ...options });
}

test("a missing field is told from a field of the wrong kind", () => {
  expect(issues({})).toEqual([
    { path: ["name"], code: "missing_field", message: "required field is missing: expected text" },
  ]);
  expect(issues({ name: 3 })).toEqual([
    { path: ["name"], code: "invalid_type", message: "expected text, got 3" },
  ]);
});

test("unknown fields and words get the nearest one, deep inside too", () => {
  expect(issues({ name: "x", items: [{ knd: "one" }, { kind: "tow" }] })).toMatchObject([
    { path: ["items", 0, "kind"], code: "missing_field" },
    { path: ["items", 0, "knd"], code: "unknown_field", suggestion: "kind" },
    { path: ["items", 1, "kind"], code: "invalid_value", suggestion: "two" },
  ]);
});

test("without a schema there are issues all the same", () => {
  const result = schema.safeParse({ nam: "x" });

  expect(result.success ? [] : issuesFromZod(result.error)).toMatchObject([
    { path: ["name"], code: "missing_field" },
    { path: ["nam"], code: "unknown_field" },
  ]);
});

test("places come from the caller", () => {
  const locate = () => ({ file: "f.yaml", line: 3, column: undefined });

  expect(issues({ name: "" }, { locate })).toEqual([
    { path: ["name"], code: "out_of_range", message: "may not be empty", file: "f.yaml", line: 3 },
  ]);
});

test("values are not shown when they are long", () => {
  const [issue] = issues({ name: "x", size: null, items: "s".repeat(100) });

  expect(issue?.message).not.toContain("sss");
});
