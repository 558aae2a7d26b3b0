import type { Realm } from "@lava/realm";
import { pyDateTime, templateUtils } from "@lava/render";
import type { Job, LavaGlobals } from "./handler.ts";
import { parseIsoTime } from "./times.ts";

/** The base names of every template of a job: `job realm globals start ustart state utils` (WK-131). */
export function toTemplateContext(job: Job, realm: Realm): Readonly<Record<string, unknown>> {
  const spec = toAugmentedSpec(job);
  return {
    job: spec,
    realm: realm.record.raw,
    globals: spec["globals"],
    start: spec["ts_start"],
    ustart: spec["ts_ustart"],
    state: job.state,
    utils: utils(),
  };
}

let shared: unknown;

/** The same for all jobs of a process. */
function utils(): unknown {
  return (shared ??= templateUtils());
}

/** The augmented job spec (WF-090..095), times as datetimes. */
function toAugmentedSpec(job: Job): Record<string, unknown> {
  return {
    ...job.record.raw,
    parameters: job.rawParameters,
    state: job.state,
    owner: job.owner,
    run_id: job.run_id,
    realm: job.realm,
    ts_dispatch: pyDateTime(job.ts_dispatch),
    ts_start: pyDateTime(job.ts_start),
    ts_ustart: pyDateTime(job.ts_start, "utc"),
    globals: { ...job.globals, lava: toTemplateLava(job.lava) },
  };
}

/** Times of `globals.lava` as datetimes, as templates see them (WK-136). */
function toTemplateLava(lava: LavaGlobals): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(lava).map(([name, value]) => {
      const ms =
        typeof value === "string" && /_u?start$/.test(name) ? parseIsoTime(value) : undefined;
      if (ms === undefined) return [name, value];
      return [name, pyDateTime(ms, name.endsWith("_ustart") ? "utc" : "local")];
    }),
  );
}
