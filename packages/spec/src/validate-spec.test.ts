import { DecimalValue, FloatValue, formatIssue } from "@lava/core";
import { expect, expectTypeOf, test } from "vitest";
import { isMap, LineCounter, parseDocument } from "yaml";
import type { Locate } from "./issues.ts";
import { type JobSpec, jobTypes } from "./job/index.ts";
import { validateSpec } from "./validate-spec.ts";

const good = { job_id: "a", type: "cmd", worker: "core", payload: "date" };

/** Finds fields in YAML text, as the framework does. */
function locateIn(text: string): Locate {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  return (path) => {
    const parent = document.getIn(path.slice(0, -1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => String(item.key) === String(path.at(-1)))
      : undefined;
    const range = pair?.key;
    if (typeof range !== "object" || range === null || !("range" in range)) return undefined;
    const [offset] = Array.isArray(range.range) ? range.range : [];
    const { line, col } = lines.linePos(Number(offset));
    return { file: "a.yaml", line, column: col };
  };
}

test("a good spec comes back as it was given: no default is filled in", () => {
  const spec = { ...good, parameters: { args: [1] }, "x-note": 1 };

  const result = validateSpec("job", spec);

  expect(result.ok && result.value).toBe(spec);
});

test("a spec has the type of its kind", () => {
  const result = validateSpec("job", good);

  if (result.ok) expectTypeOf(result.value).toEqualTypeOf<JobSpec>();
  expectTypeOf<JobSpec<"cmd">["payload"]>().toEqualTypeOf<string>();
});

test("every issue has its place in the file, and they come in the order of the file", () => {
  const text = `job_id: a
type: exe
worker: core
payload: run.sh
timeout: 5m
on_fail:
  - action: log
    mesage: x
parameters:
  agrs: [1]
`;

  const result = validateSpec("job", parseDocument(text).toJS(), locateIn(text));

  expect(result.ok ? [] : result.issues.map((issue) => formatIssue(issue))).toEqual([
    "on_fail[0].message: required field is missing: expected text",
    'a.yaml:5:1: timeout: unknown field "timeout": it belongs under "parameters"',
    'a.yaml:8:5: on_fail[0].mesage: unknown field "mesage" (did you mean "message"?)',
    'a.yaml:10:3: parameters.agrs: unknown field "agrs" (did you mean "args"?)',
  ]);
});

test("an issue has a stable code, a path and a suggestion of its own", () => {
  const result = validateSpec("job", { ...good, type: "exec" });

  expect(result.ok ? [] : result.issues).toEqual([
    { path: ["type"], code: "unknown_type", message: 'unknown type "exec"', suggestion: "exe" },
  ]);
});

test("a template of run time may stand where the original renders text", () => {
  const spec = {
    ...good,
    enabled: "{{ realm.realm == 'prod' }}",
    parameters: { args: ["{{ start }}"], env: { A: "{{ vars.a }}" } },
    on_success: [{ action: "state", state_id: "{{ job.job_id }}", value: "{{ result }}" }],
  };

  expect(validateSpec("job", spec).ok).toBe(true);
});

test("numbers of all kinds are accepted where a number is meant", () => {
  const spec = { ...good, iteration_limit: new DecimalValue("2"), max_tries: new FloatValue(1) };

  expect(validateSpec("job", spec).ok).toBe(true);
});

test("what is no map at all is one issue", () => {
  for (const spec of [null, [], "text"]) {
    const result = validateSpec("job", spec);
    expect(result.ok ? 0 : result.issues.length).toBe(1);
  }
});

test("names of keys in a realm's configuration are reported as they were written", () => {
  const spec = {
    realm: "dev",
    s3_payloads: "s3://bucket/p",
    s3_temp: "s3://bucket/t",
    config: { cmd_timeout: "10M" },
  };

  const result = validateSpec("realm", spec, (path) => ({ line: path.length }));

  expect(result.ok ? [] : result.issues).toMatchObject([
    { path: ["config", "cmd_timeout"], line: 2 },
  ]);
});

test("1,000 specs are checked in well under the time that a build may take (design 13)", () => {
  const specs = Array.from({ length: 1000 }, (_, index) => ({ ...good, job_id: `job-${index}` }));

  const started = performance.now();
  const results = specs.map((spec) => validateSpec("job", spec).ok);

  expect(results.every(Boolean)).toBe(true);
  expect(performance.now() - started).toBeLessThan(1000);
  expect(Object.keys(jobTypes)).toHaveLength(23);
});
