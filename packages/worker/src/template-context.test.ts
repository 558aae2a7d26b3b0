import { createRenderer } from "@lava/render";
import { parseRealmRecord } from "@lava/spec";
import { expect, test, vi } from "vitest";
import { testContext } from "../test/handler-context.ts";
import type { LavaGlobals } from "./handler.ts";
import { toTemplateContext } from "./template-context.ts";

const record = parseRealmRecord({ realm: "r", s3_payloads: "s3://b/p", s3_temp: "s3://b/t" });

function render(template: string, lava: Partial<LavaGlobals> = {}): string {
  const { context } = testContext("log", { payload: null });
  const job = { ...context.job, lava: { ...context.job.lava, ...lava } };
  return createRenderer().render(template, { ...toTemplateContext(job, { record }) });
}

test("times of the sender keep their offsets (WF-085)", () => {
  vi.stubEnv("TZ", "Australia/Melbourne");
  const lava = {
    master_start: "2026-11-23T08:47:15+01:00",
    parent_start: "2026-11-23T18:47:15+11:00",
    parent_ustart: "2026-11-23T07:47:15Z",
  };

  expect(render("{{ globals.lava.master_start }}", lava)).toBe("2026-11-23 08:47:15+01:00");
  expect(render("{{ globals.lava.parent_start.strftime('%H %Z') }}", lava)).toBe("18 AEDT");
  expect(render("{{ globals.lava.parent_ustart }}", lava)).toBe("2026-11-23 07:47:15+00:00");
});

test("`globals`, `start` and `state` are those of `job`", () => {
  expect(
    render(
      "{{ globals == job.globals }} {{ start == job.ts_start }} {{ state == job.state }} {{ ustart.isoformat() }}",
    ),
  ).toBe("True True True 1970-01-01T00:00:00+00:00");
});
