import type { Realm } from "@lava/realm";
import { pyDateTime, templateUtils } from "@lava/render";
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

/** `globals.lava` as templates see it: times are datetimes (WK-136). */
function toTemplateLava(lava: LavaGlobals): LavaNames<TemplateTime> {
  const local = (text: string): TemplateTime => pyDateTime(parseIsoTime(text) ?? 0);
  const utc = (text: string): TemplateTime => pyDateTime(parseIsoTime(text) ?? 0, "utc");
  return {
    ...lava,
    master_start: local(lava.master_start),
    master_ustart: utc(lava.master_ustart),
    parent_start: local(lava.parent_start),
    parent_ustart: utc(lava.parent_ustart),
  };
}
