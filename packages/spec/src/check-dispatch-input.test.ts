import { DecimalValue, type LavaError } from "@lava/core";
import { expect, test } from "vitest";
import { checkDispatchInput } from "./check-dispatch-input.ts";
import { parseStoredJob } from "./stored/stored-job.ts";
import { validateSpec } from "./validate-spec.ts";

const cmd = { job_id: "t/cmd", type: "cmd", worker: "core", payload: "true", enabled: true };

const withSchema = parseStoredJob({
  ...cmd,
  globals: { region: "eu" },
  "x-lava-schema": {
    globals: {
      type: "object",
      properties: {
        day: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
        region: { enum: ["eu", "us"] },
        share: { type: "number", maximum: new DecimalValue("0.5") },
      },
      required: ["day", "region"],
      additionalProperties: false,
    },
  },
});

function faultOf(action: () => void): LavaError {
  try {
    action();
  } catch (error) {
    return error as LavaError;
  }
  throw new Error("no fault");
}

test("parameters are checked as the worker of the job's type would", () => {
  const job = parseStoredJob({ ...cmd, parameters: { timeout: "5m" } });

  expect(() => checkDispatchInput(job, { parameters: { args: ["a"] } })).not.toThrow();
  const fault = faultOf(() => checkDispatchInput(job, { parameters: { agrs: ["a"] } }));
  expect(fault).toMatchObject({ code: "BAD_DISPATCH_INPUT", kind: "usage" });
  expect(fault.message).toBe(
    "Job t/cmd cannot be sent this: parameters: Bad job parameters: Unexpected keys: agrs",
  );
});

test("a job of a plugin's type takes any parameters", () => {
  const job = parseStoredJob({ ...cmd, type: "our_own" });

  expect(() => checkDispatchInput(job, { parameters: { anything: 1 } })).not.toThrow();
});

test("globals are checked by the job's own schema, laid over the job's", () => {
  expect(() =>
    checkDispatchInput(withSchema, { globals: { day: "2026-11-26", share: 0.5 } }),
  ).not.toThrow();

  const fault = faultOf(() =>
    checkDispatchInput(withSchema, { globals: { day: "today", regoin: "us", share: 0.6 } }),
  );
  expect(fault.message).toBe("Job t/cmd cannot be sent this: 3 faults");
  expect(fault.issues.map(({ path }) => path.join("."))).toEqual([
    "globals.day",
    "globals.share",
    "globals.regoin",
  ]);
  expect(fault.issues[2]?.suggestion).toBe("region");
});

test("what the schema wants and nobody gives is a fault without anything sent", () => {
  expect(faultOf(() => checkDispatchInput(withSchema, {})).message).toContain("globals.day");
});

test("a schema that is none is found when the spec is checked", () => {
  const issues = validateSpec("job", {
    ...cmd,
    description: "d",
    owner: "o",
    "x-lava-schema": { globals: { type: "objekt" } },
  });
  expect(JSON.stringify(issues)).toContain("expected a JSON Schema");
});
