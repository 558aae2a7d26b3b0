import { readdirSync, readFileSync } from "node:fs";
import { formatIssue } from "@lava/core";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import {
  actionTypes,
  connectionTypes,
  isForeignField,
  jobTypes,
  type SpecKind,
  validateSpec,
} from "../src/index.ts";

// test/fixtures/<kind>/<name>.yaml: good specs, and bad ones with every issue that must be reported, in order.
const fixtureFile = z.strictObject({
  valid: z.array(z.unknown()),
  invalid: z.array(z.strictObject({ spec: z.unknown(), issues: z.array(z.string()).min(1) })),
});

const root = new URL("fixtures/", import.meta.url);
const kinds = ["action", "config", "connection", "job", "realm", "rule", "s3trigger"] as const;

/** Issues of one spec; an action is checked as part of a job. */
function issuesOf(kind: SpecKind | "action", spec: unknown): string[] {
  const result =
    kind === "action"
      ? validateSpec("job", {
          job_id: "demo",
          type: "log",
          worker: "core",
          payload: null,
          on_fail: [spec],
        })
      : validateSpec(kind, spec);
  const texts = result.ok ? [] : result.issues.map((issue) => formatIssue(issue));
  return kind === "action" ? texts.map((text) => text.replace("on_fail[0].", "")) : texts;
}

function namesOf(kind: string): string[] {
  return readdirSync(new URL(`${kind}/`, root)).map((file) => file.replace(/\.yaml$/, ""));
}

describe.each(kinds)("%s fixtures", (kind) => {
  const files = namesOf(kind).map((name) => {
    const text = readFileSync(new URL(`${kind}/${name}.yaml`, root), "utf8");
    return { name, ...fixtureFile.parse(parse(text)) };
  });

  test.each(files)("$name: good specs pass, bad ones have all their faults reported", (file) => {
    for (const spec of file.valid) expect(issuesOf(kind, spec)).toEqual([]);
    for (const { spec, issues } of file.invalid) expect(issuesOf(kind, spec)).toEqual(issues);
  });
});

test.each([
  ["job", Object.keys(jobTypes)],
  ["connection", Object.keys(connectionTypes)],
  ["action", Object.keys(actionTypes)],
])("every %s type has good and bad fixtures", (kind, types) => {
  expect(namesOf(kind)).toEqual(expect.arrayContaining(types));
  for (const type of types) {
    const file = fixtureFile.parse(
      parse(readFileSync(new URL(`${kind}/${type}.yaml`, root), "utf8")),
    );
    expect(file.valid.length).toBeGreaterThan(0);
    expect(file.invalid.length).toBeGreaterThan(0);
  }
});

test("good fixtures together use every parameter of every job type", () => {
  for (const [type, { parameters }] of Object.entries(jobTypes)) {
    if (!(parameters instanceof z.ZodObject)) continue;
    const { valid } = fixtureFile.parse(
      parse(readFileSync(new URL(`job/${type}.yaml`, root), "utf8")),
    );
    const used = valid.flatMap((spec) => {
      const { parameters: given } = z
        .looseObject({ parameters: z.unknown().optional() })
        .parse(spec);
      return typeof given === "object" && given !== null ? Object.keys(given) : [];
    });
    expect([...new Set(used)].sort()).toEqual(Object.keys(parameters.shape).sort());
  }
});

test("fields of others are allowed at the top of every spec", () => {
  expect(isForeignField("X-team")).toBe(true);
  expect(isForeignField("xteam")).toBe(false);
});
