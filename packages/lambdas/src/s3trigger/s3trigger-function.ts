import {
  type DataMap,
  errorText,
  isTruthy,
  LavaError,
  type Logger,
  parseDuration,
  inParallel,
} from "@lava/core";
import { repeatableRunId } from "@lava/realm";
import { createRenderer, templateUtils } from "@lava/render";
import { isPermanent } from "../dead-letters.ts";
import {
  type FunctionOptions,
  type Handler,
  openFunction,
  type WarmFunction,
} from "../function.ts";
import { type Delivery, parseEventText, unwrap } from "../input/unwrap.ts";
import { metricLine } from "../metric-log.ts";
import { createTtlCache } from "../ttl-cache.ts";
import { createDuplicates, type Duplicates } from "./duplicates.ts";
import { type EvaluateOptions, evaluateTrigger, type TriggeredRun } from "./evaluate-trigger.ts";
import { createLoopWatch, type LoopWatch } from "./loop-watch.ts";
import { parseS3Event, type S3Event } from "./s3-event.ts";
import { type BucketTriggers, createTriggerLookup, type TriggerLookup } from "./trigger-lookup.ts";

/** What the function s3trigger answers: to a queue which messages it is to send again, to others what was done. */
export type S3TriggerAnswer =
  | { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }
  | {
      readonly dispatched: readonly {
        readonly trigger_id: string;
        readonly job_id: string;
        readonly run_id: string;
      }[];
      readonly errors: readonly { readonly code: string; readonly error: string }[];
    };

/** How many events are under way at a time. */
const LANES = 16;

/** Entries of each cache (LAM-213). */
const CACHE_SIZE = 200;

interface Warm extends WarmFunction {
  readonly region: string | undefined;
  readonly lookup: TriggerLookup;
  readonly job: (job_id: string) => Promise<DataMap>;
  readonly duplicates: Duplicates;
  readonly loops: LoopWatch;
  readonly evaluate: EvaluateOptions;
}

/** What one invocation counts and collects. */
interface Tally {
  readonly counts: {
    Matched: number;
    Unmatched: number;
    Dispatched: number;
    Duplicates: number;
    Loops: number;
  };
  readonly dispatched: { trigger_id: string; job_id: string; run_id: string }[];
  readonly errors: { delivery: Delivery; fault: unknown; kept: boolean }[];
  /** Not looked at. */
  readonly held: Delivery[];
}

/** Whether somebody has to send it again. */
function isOpen({ kept }: Tally["errors"][number]): boolean {
  return !kept;
}

/** Whom a log line and a dead letter are about. */
interface Place {
  readonly delivery: Delivery;
  readonly request_id: string;
  readonly logger: Logger;
  readonly tally: Tally;
}

/**
 * The function s3trigger: runs for what happens to objects (LAM-200 onward, TRIG-01..12).
 *
 * @throws {LavaError} NO_REALM, BAD_CONFIG, BAD_LOG_LEVEL
 */
export function createS3TriggerFunction(options: FunctionOptions): Handler<S3TriggerAnswer> {
  const warm = warmUp(options);
  return async (event, { awsRequestId: request_id }) => {
    const logger = warm.logger.child({ request_id });
    logger.debug({ event }, "received event");
    const deliveries = unwrap(event, { source: (source) => `Unexpected event source: ${source}` });
    const tally: Tally = {
      counts: { Matched: 0, Unmatched: 0, Dispatched: 0, Duplicates: 0, Loops: 0 },
      dispatched: [],
      errors: [],
      held: [],
    };
    const lanes = deliveries.some(({ ordered }) => ordered) ? 1 : LANES;
    await inParallel(deliveries, lanes, async (delivery) => {
      // A queue that keeps order gets all back that stands behind a failure.
      if (delivery.ordered && tally.errors.some(isOpen)) tally.held.push(delivery);
      else await handleDelivery(delivery, warm, { delivery, request_id, logger, tally });
    });
    const { counts, errors } = tally;
    const { clock, name, config, realm } = warm;
    if (deliveries.length > 0) {
      const place = { clock, namespace: config.CW_NAMESPACE, realm: realm.name, function: name };
      warm.write(metricLine(counts, place));
    }
    logger[errors.length > 0 ? "error" : "info"](
      { errors: errors.length, ...counts },
      errors.length > 0 ? "completed with errors" : "completed",
    );
    return answer(deliveries, tally);
  };
}

function warmUp(options: FunctionOptions): Warm {
  const warm = openFunction("s3trigger", options);
  const { realm, config, clock } = warm;
  const ttl = parseDuration(config.S3TRIGGER_CACHE_TTL);
  const cache = { clock, ttl, size: CACHE_SIZE };
  const jobs = createTtlCache<DataMap>(cache);
  return {
    ...warm,
    region: options.env["AWS_REGION"],
    lookup: createTriggerLookup(realm.triggers, {
      buckets: createTtlCache<BucketTriggers>(cache),
      prefixes: createTtlCache<readonly DataMap[]>(cache),
    }),
    job: (job_id) => jobs.load(job_id, () => loadJob(warm, job_id)),
    duplicates: createDuplicates({
      clock,
      ttl: parseDuration(config.S3TRIGGER_DEDUP_TTL),
      size: config.S3TRIGGER_DEDUP_CACHE_SIZE,
      shared: realm.seen,
    }),
    loops: createLoopWatch(clock, config.S3TRIGGER_LOOP_LIMIT),
    evaluate: {
      renderer: createRenderer(),
      utils: templateUtils({ clock }),
      maxDelayMinutes: config.SQS_MAX_DELAY_MINS,
    },
  };
}

async function loadJob({ realm }: WarmFunction, job_id: string): Promise<DataMap> {
  const job = await realm.getJob(job_id);
  if (job !== undefined) return job;
  throw new LavaError("NO_SUCH_JOB", `${job_id}@${realm.name}: No such job`, { retry: "never" });
}

async function handleDelivery(delivery: Delivery, warm: Warm, place: Place): Promise<void> {
  let event: S3Event;
  try {
    if (delivery.fault !== undefined) throw delivery.fault;
    const body = delivery.body ?? null;
    event = parseS3Event(typeof body === "string" ? parseEventText(body) : body, warm.region);
  } catch (error) {
    await fail(error, {}, warm, place);
    return;
  }
  const about = { bucket: event.bucket, key: event.key };
  try {
    const copyOf = await warm.duplicates.once(event, () => handleEvent(event, warm, place));
    if (copyOf === undefined) return;
    place.tally.counts.Duplicates += 1;
    place.logger.warn({ ...about, original: copyOf }, "Duplicate event discarded");
  } catch (error) {
    await fail(error, about, warm, place);
  }
}

/** Whether all went well: then copies of the event can be dropped. */
async function handleEvent(event: S3Event, warm: Warm, place: Place): Promise<boolean> {
  const { logger, tally } = place;
  const { bucket, key } = event;
  const { items } = await warm.lookup(bucket, key);
  if (items.length === 0) {
    tally.counts.Unmatched += 1;
    logger.error({ bucket, key }, `No trigger entry for s3://${bucket}/${key}`);
    return false;
  }
  let isGood = true;
  for (const item of items) {
    const { trigger_id, outcome, conditions, runs, faults } = evaluateTrigger(
      item,
      event,
      warm.evaluate,
    );
    const about = { trigger_id, bucket, key };
    if (outcome === "disabled") logger.warn(about, "s3trigger not enabled");
    if (outcome === "conditions") {
      const missed = conditions.find(({ holds }) => !holds)?.name;
      logger.info({ ...about, condition: missed }, "the event does not satisfy the trigger");
    }
    if (outcome === "fires") tally.counts.Matched += 1;
    for (const fault of faults) {
      isGood = false;
      // oxlint-disable-next-line no-await-in-loop -- few, and in order in the log
      await fail(fault, about, warm, place);
    }
    for (const run of runs) {
      // oxlint-disable-next-line no-await-in-loop -- one trigger's runs go out in its order
      isGood = (await send(run, trigger_id, event, warm, place)) && isGood;
    }
  }
  return isGood;
}

async function send(
  run: TriggeredRun,
  trigger_id: string,
  event: S3Event,
  warm: Warm,
  place: Place,
): Promise<boolean> {
  const { realm } = warm;
  const { logger, tally } = place;
  const { bucket, key } = event;
  const { job_id, delay, globals, parameters } = run;
  const about = { trigger_id, job_id, bucket, key };
  try {
    const job = await warm.job(job_id);
    // Text may be a template: its worker decides (LAM-212, TRIG-06).
    if (typeof job["enabled"] !== "string" && !isTruthy(job["enabled"])) {
      logger.warn(about, "job not enabled");
      return true;
    }
    const { worker } = job;
    if (typeof worker !== "string") {
      throw new LavaError("BAD_JOB_RECORD", `Bad job record: ${job_id}: worker must be a string`, {
        retry: "never",
      });
    }
    checkLoop(about, warm, place);
    const run_id = runIdOf(event, trigger_id, run, realm.name);
    const request = { job_id, worker, delay, globals, parameters };
    const receipt = await realm.dispatch(run_id === undefined ? request : { ...request, run_id });
    logger.info({ ...about, run_id: receipt.run_id, worker }, "dispatched");
    tally.dispatched.push({ trigger_id, job_id, run_id: receipt.run_id });
    tally.counts.Dispatched += 1;
    return true;
  } catch (error) {
    await fail(error, about, warm, place);
    return false;
  }
}

/**
 * The same event of the same trigger is the same run, however often it is delivered (LAM-115). Undefined for an event
 * that somebody made up, such as those of `s3lambda`.
 */
function runIdOf(
  { bucket, key, identity }: S3Event,
  trigger_id: string,
  { job_id, index }: TriggeredRun,
  realm: string,
): string | undefined {
  return identity === undefined
    ? undefined
    : repeatableRunId("s3", realm, trigger_id, job_id, index, bucket, key, identity);
}

/** @throws {LavaError} TRIGGER_LOOP where S3TRIGGER_LOOP_STOP says so */
function checkLoop(
  about: { trigger_id: string; job_id: string; bucket: string; key: string },
  { loops, config }: Warm,
  { logger, tally }: Place,
): void {
  const loop = loops.note(about);
  if (loop === undefined) return;
  tally.counts.Loops += 1;
  const { job_id, trigger_id, bucket, key } = about;
  const message = loop.certain
    ? `Job ${job_id} triggers itself: its own output s3://${bucket}/${key} matches trigger ${trigger_id}`
    : `Job ${job_id} seems to trigger itself: s3://${bucket}/${key} is number ${loop.generation} in a row ` +
      `from s3://${bucket}/${loop.first} that fires trigger ${trigger_id}`;
  if (config.S3TRIGGER_LOOP_STOP) {
    throw new LavaError("TRIGGER_LOOP", message, {
      retry: "never",
      hint: "Let the job write where the trigger does not look, or give the trigger conditions that leave its output out.",
    });
  }
  logger.error({ ...about, generation: loop.generation, certain: loop.certain }, message);
}

async function fail(
  error: unknown,
  about: Readonly<Record<string, unknown>>,
  warm: Warm,
  place: Place,
): Promise<void> {
  const { delivery, request_id, logger, tally } = place;
  const code = error instanceof LavaError ? error.code : "";
  logger.error({ ...about, code, error: errorText(error) }, errorText(error));
  const { job_id } = about;
  const kept = await warm.deadLetters.send({
    error,
    job_id: typeof job_id === "string" ? job_id : undefined,
    request: delivery.body ?? null,
    request_id,
  });
  tally.errors.push({ delivery, fault: error, kept });
}

function answer(deliveries: readonly Delivery[], tally: Tally): S3TriggerAnswer {
  const open = tally.errors.filter(isOpen);
  if (deliveries.some(({ item }) => item !== undefined)) {
    const again = [...open.map(({ delivery }) => delivery), ...tally.held];
    const items = new Set(again.flatMap(({ item }) => item ?? []));
    return { batchItemFailures: [...items].map((itemIdentifier) => ({ itemIdentifier })) };
  }
  const failed = new Set(open.map(({ delivery }) => delivery));
  if (deliveries.length > 0 && failed.size === deliveries.length && tally.dispatched.length === 0) {
    // Nobody can make sense of a broken wrapping; what may go well later is tried again (TRIG-12, LAM-215).
    const again = open.every(({ fault }) => !isPermanent(fault) || isBadEvent(fault));
    if (again) throw asOne(open.map(({ fault }) => fault));
  }
  return {
    dispatched: tally.dispatched,
    errors: tally.errors.map(({ fault }) => ({
      code: fault instanceof LavaError ? fault.code : "",
      error: errorText(fault),
    })),
  };
}

function isBadEvent(fault: unknown): boolean {
  return fault instanceof LavaError && fault.code === "BAD_EVENT";
}

function asOne(faults: readonly unknown[]): unknown {
  if (faults.length === 1) return faults[0];
  const texts = [...new Set(faults.map((fault) => errorText(fault)))];
  return new LavaError(
    "DISPATCH_FAILED",
    `None of the ${faults.length} events could be handled: ${texts.slice(0, 5).join("; ")}`,
    { cause: faults[0] },
  );
}
