import { DecimalValue } from "@lava/core";
import { expect, test } from "vitest";
import { parseJobExtensions } from "./job-extensions.ts";

const n = (value: number): DecimalValue => new DecimalValue(String(value));

test("a job without fields of ours has none, whatever others wrote", () => {
  expect(parseJobExtensions({ job_id: "a", "x-owner": 1, "X-note": null })).toEqual({});
});

test("stored numbers are numbers and defaults are filled in", () => {
  const record = {
    "x-lava-defer": { delay: "6h", exit_status: [n(75)] },
    "x-lava-retry": { limit: n(4), delay: n(2) },
    "x-lava-max-concurrent": n(2),
    "x-lava-pool": ["db", { name: "io", slots: n(2) }],
    "x-lava-timeout": n(30),
  };

  expect(parseJobExtensions(record)).toEqual({
    "x-lava-defer": { delay: "6h", exit_status: [75], limit: 10 },
    "x-lava-retry": { limit: 4, delay: 2, factor: 2, jitter: 0.1 },
    "x-lava-max-concurrent": 2,
    "x-lava-pool": ["db", { name: "io", slots: 2 }],
    "x-lava-timeout": 30,
  });
});

test("a value of the wrong kind, or out of range, is refused with its field", () => {
  expect(() => parseJobExtensions({ "x-lava-max-concurrent": "many" })).toThrow(
    "Bad x-lava-max-concurrent: must be a number",
  );
  expect(() => parseJobExtensions({ "x-lava-max-concurrent": n(0) })).toThrow(
    /^Bad x-lava-max-concurrent: /,
  );
  expect(() => parseJobExtensions({ "x-lava-defer": { limit: 1 } })).toThrow(
    "Bad x-lava-defer: Missing keys: delay",
  );
});
