import { expect, test } from "vitest";
import * as z from "zod";
import type { SpecExtensions } from "./extensions.ts";
import { validateSpec } from "./validate-spec.ts";

const extensions: SpecExtensions = {
  jobs: { greet: { parameters: z.strictObject({ times: z.int() }), payload: z.string() } },
  actions: { note: z.strictObject({ line: z.string() }) },
  generators: { words: z.strictObject({ file: z.string() }) },
  connections: { journal: z.strictObject({ file: z.string() }) },
};
const base = { job_id: "a", worker: "core", enabled: true };
const faults = (kind: "job" | "connection", data: object): string[] => {
  const result = validateSpec(kind, data, undefined, extensions);
  return result.ok ? [] : result.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
};

test("what is a plug-in's is checked by its schemas", () => {
  const greet = { ...base, type: "greet", payload: "x", parameters: { times: 1 } };
  expect(faults("job", { ...greet, on_fail: [{ action: "note", line: "x" }] })).toEqual([]);
  expect(faults("connection", { conn_id: "c", type: "journal", enabled: true, file: "f" })).toEqual(
    [],
  );
  const each = {
    ...base,
    type: "foreach",
    payload: "b",
    parameters: { foreach: { type: "words", file: "f" } },
  };
  expect(faults("job", each)).toEqual([]);
});

test("its faults, and those of fields that all have, are told at their places", () => {
  const found = faults("job", {
    ...base,
    type: "greet",
    payload: 1,
    parameters: { time: 1 },
    enabledd: true,
    on_fail: [{ action: "log", message: "ok" }, { action: "note" }],
  });

  expect(found).toHaveLength(5);
  expect(found.map((text) => text.split(":")[0]).toSorted()).toEqual([
    "enabledd",
    "on_fail.1.line",
    "parameters.time",
    "parameters.times",
    "payload",
  ]);
  expect(faults("connection", { conn_id: "c", type: "journal", files: "f" })).toHaveLength(2);
});

test("a type that neither lava nor a plug-in has stays a fault, and those of plug-ins are among what is meant", () => {
  const source = { type: "wrds", file: "f" };
  expect(faults("job", { ...base, type: "grete", payload: "x" })).toEqual([
    'type: unknown type "grete"',
  ]);
  const result = validateSpec(
    "job",
    { ...base, type: "grete", payload: "x" },
    undefined,
    extensions,
  );
  expect(result).toMatchObject({ issues: [{ suggestion: "greet" }] });
  expect(
    faults("job", {
      ...{ ...base, type: "foreach", payload: "b", parameters: { foreach: source } },
      on_fail: [{ action: "nope" }],
    }),
  ).toEqual([
    expect.stringMatching(/^on_fail\.0\.action: unknown action "nope", .*, note$/),
    expect.stringMatching(/^parameters\.foreach\.type: unknown type "wrds", .*, words$/),
  ]);
});
