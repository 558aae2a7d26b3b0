import { type Data, type DataMap, isTruthy, LavaError } from "@lava/core";
import type { DispatchRealm } from "@lava/realm";
import { unwrap } from "../input/unwrap.ts";
import { type EvaluateOptions, evaluateTrigger, type TriggerDecision } from "./evaluate-trigger.ts";
import { isOwnOutput } from "./loop-watch.ts";
import { parseS3Event, type S3Event } from "./s3-event.ts";
import { triggerLevels } from "./trigger-levels.ts";

/** What would become of a run that a trigger asks for. */
export interface ExplainedRun {
  readonly job_id: string;
  /** `sent`, or why not: the job is not there, is disabled or has no worker. */
  readonly outcome: "sent" | "no such job" | "job not enabled" | "bad job";
  readonly worker: string | undefined;
  /** Whether the object is the output of a run of this very job, which is a loop. */
  readonly loop: boolean;
  /** Whole seconds. */
  readonly delay: number;
  readonly globals: DataMap;
  readonly parameters: DataMap;
}

/** What would become of one trigger of the bucket, and why. */
export interface ExplainedTrigger extends Pick<TriggerDecision, "trigger_id" | "conditions"> {
  readonly prefix: string;
  /** As in a decision; `farther`: a nearer prefix has triggers; `elsewhere`: the prefix is no folder of the key. */
  readonly outcome: TriggerDecision["outcome"] | "farther" | "elsewhere";
  readonly faults: readonly string[];
  readonly runs: readonly ExplainedRun[];
}

/** What would become of one event. */
export interface ExplainedEvent {
  readonly event: Omit<S3Event, "raw" | "identity">;
  /** The prefixes that are looked for, nearest first. */
  readonly levels: readonly string[];
  /** The first of them that has triggers. */
  readonly level: string | undefined;
  readonly triggers: readonly ExplainedTrigger[];
}

/** Triggers of a bucket beyond these are told only when they are for the key. */
const WHOLE_LIMIT = 1000;

/**
 * Tells for each S3 event of an input what the function s3trigger would do with it, by the same rules and with nothing
 * sent.
 *
 * @throws {LavaError} BAD_EVENT
 */
export async function explainEvents(
  input: Data,
  realm: Pick<DispatchRealm, "triggers" | "getJob">,
  options: EvaluateOptions & { readonly region: string | undefined },
): Promise<ExplainedEvent[]> {
  const deliveries = unwrap(input, { source: (source) => `Unexpected event source: ${source}` });
  return await Promise.all(
    deliveries.map(async ({ body = null, fault }) => {
      if (fault !== undefined) throw fault;
      return await explain(parseS3Event(body, options.region), realm, options);
    }),
  );
}

async function explain(
  event: S3Event,
  realm: Pick<DispatchRealm, "triggers" | "getJob">,
  options: EvaluateOptions,
): Promise<ExplainedEvent> {
  const { bucket, key } = event;
  const levels = triggerLevels(key);
  const whole = await realm.triggers.ofBucket(bucket, WHOLE_LIMIT);
  const items = whole.complete
    ? whole.items
    : (await Promise.all(levels.map((level) => realm.triggers.ofPrefix(bucket, level)))).flat();
  const prefixes = new Set(items.map(prefixOf));
  const level = levels.find((one) => prefixes.has(one));
  const rank = (item: DataMap): number => {
    const at = levels.indexOf(prefixOf(item));
    return at === -1 ? levels.length : at;
  };
  const triggers = await Promise.all(
    items
      .toSorted((one, other) => rank(one) - rank(other) || compareIds(one, other))
      .map(async (item): Promise<ExplainedTrigger> => {
        const prefix = prefixOf(item);
        if (prefix !== level) {
          const outcome = levels.includes(prefix) ? "farther" : "elsewhere";
          return { trigger_id: idOf(item), prefix, outcome, conditions: [], faults: [], runs: [] };
        }
        const { runs, faults, ...decision } = evaluateTrigger(item, event, options);
        return {
          ...decision,
          prefix,
          faults: faults.map(({ message }) => message),
          runs: await Promise.all(
            runs.map(async ({ index: _index, ...run }) => ({
              ...run,
              ...(await jobOf(run.job_id, realm)),
              loop: isOwnOutput(run.job_id, key),
            })),
          ),
        };
      }),
  );
  const { raw: _raw, identity: _identity, ...told } = event;
  return { event: told, levels, level, triggers };
}

async function jobOf(
  job_id: string,
  realm: Pick<DispatchRealm, "getJob">,
): Promise<Pick<ExplainedRun, "outcome" | "worker">> {
  let job: DataMap | undefined;
  try {
    job = await realm.getJob(job_id);
  } catch (error) {
    // A rendered id can be one that the table cannot be asked for.
    if (error instanceof LavaError && error.retry === "never") return none("no such job");
    throw error;
  }
  if (job === undefined) return none("no such job");
  const { worker, enabled } = job;
  if (typeof worker !== "string") return none("bad job");
  const isOn = typeof enabled === "string" || isTruthy(enabled);
  return { outcome: isOn ? "sent" : "job not enabled", worker };
}

function none(outcome: ExplainedRun["outcome"]): Pick<ExplainedRun, "outcome" | "worker"> {
  return { outcome, worker: undefined };
}

function prefixOf(item: DataMap): string {
  return String(item["prefix"]);
}

function idOf(item: DataMap): string {
  return typeof item["trigger_id"] === "string" ? item["trigger_id"] : "?";
}

function compareIds(one: DataMap, other: DataMap): number {
  return idOf(one) < idOf(other) ? -1 : 1;
}
