import { formatLocalTime } from "@lava/core";
import type { Realm } from "@lava/realm";
import { pyDateTime, pyIsoDateTime, templateUtils } from "@lava/render";
import type { JobNames, LavaNames, TemplateNames } from "@lava/spec";
import type { Job, LavaGlobals } from "./handler.ts";
import { parseIsoTime } from "./times.ts";

/** A datetime of templates. */
type TemplateTime = ReturnType<typeof pyDateTime>;

/** The base names of every template of a job: `job realm globals start ustart state utils` (WK-131). */
export function toTemplateContext(
  job: Job,
  realm: Pick<Realm, "record">,
  utilities: unknown = utils(),
): TemplateNames<TemplateTime> {
  const spec = toAugmentedSpec(job);
  return {
    job: spec,
    realm: realm.record.raw,
    globals: spec.globals,
    start: spec.ts_start,
    ustart: spec.ts_ustart,
    state: job.state,
    utils: utilities,
  };
}

let shared: unknown;

/** The same for all jobs of a process. */
function utils(): unknown {
  return (shared ??= templateUtils());
}

/** The augmented job spec (WF-090..095), times as datetimes. */
function toAugmentedSpec(job: Job): JobNames<TemplateTime> {
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

/** `globals.lava` as templates see it: times are datetimes that keep their offsets (WF-085, WK-136). */
function toTemplateLava(lava: LavaGlobals): LavaNames<TemplateTime> {
  return {
    ...lava,
    master_start: toTime(lava.master_start),
    master_ustart: toTime(lava.master_ustart, "utc"),
    parent_start: toTime(lava.parent_start),
    parent_ustart: toTime(lava.parent_ustart, "utc"),
  };
}

/** A time in the zone of this host, or in UTC, if it has that offset; else with the offset of the sender. */
function toTime(text: string, zone: "local" | "utc" = "local"): TemplateTime {
  const ms = parseIsoTime(text) ?? 0;
  const own = zone === "utc" ? "+00:00" : formatLocalTime(ms).slice(-6);
  const offset = /[+-]\d\d:?\d\d$/.exec(text.trim())?.[0];
  const isOwn = offset === undefined || offset.replace(":", "") === own.replace(":", "");
  return isOwn ? pyDateTime(ms, zone) : pyIsoDateTime(text.trim());
}
