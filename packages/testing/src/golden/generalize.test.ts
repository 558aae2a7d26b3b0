import { DecimalValue } from "@lava/core";
import { expect, test } from "vitest";
import { generalize } from "./generalize.ts";

test("ids, times, hosts and known texts give way to words, all else stays", () => {
  const item = {
    run_id: "r-1",
    hostname: "vm",
    worker_id: null,
    ttl: 1795506436,
    ts_event: "2026-11-23T18:47:16+11:00",
    log: [{ info: "child 9313b4a5-87eb-474a-b67c-9068e51e1170 of r-1 at 2026-11-23T07:47:16" }],
    count: new DecimalValue("3"),
    ok: true,
  };

  expect(generalize(item, { "r-1": "<run>" })).toEqual({
    run_id: "<run>",
    hostname: "<host>",
    worker_id: null,
    ttl: "<ttl>",
    ts_event: "<time>",
    log: [{ info: "child <uuid> of <run> at <time>" }],
    count: 3,
    ok: true,
  });
});
