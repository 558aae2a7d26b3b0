import { createHash, randomUUID } from "node:crypto";
import {
  type DataMap,
  errorText,
  formatLocalTime,
  isTruthy,
  LavaError,
  parseDuration,
} from "@lava/core";
import { checkDispatchInput, formatDispatchMessage, type StoredJob } from "@lava/spec";
import { isAccessDenied } from "../aws-errors.ts";
import { ConditionFailed } from "../documents.ts";
import type { DueStore } from "../due/types.ts";
import type { RunWriter } from "../events/run-writer.ts";
import type { ExtraAttributes } from "../events/types.ts";
import { dataMapOf, isDataMap, numberOf, textOf } from "../marshal.ts";
import type { DispatchContext } from "./dispatch.ts";
import { runIdOfKey } from "./repeatable-run-id.ts";
import type { SendRequest, Sent } from "./types.ts";

/** What sending needs of a realm. */
export interface SendContext extends DispatchContext {
  readonly due: Pick<DueStore, "put">;
  readonly writer: Pick<RunWriter, "write">;
}

/** Milliseconds for which SQS can put a message off. */
const MAX_QUEUE_DELAY_MS = 900_000;

/** A run may be put off by so long. */
const MAX_DELAY_MS = 30 * 24 * 3_600_000;

/** A run as it is about to be sent. */
interface Draft {
  readonly worker: string;
  readonly job_id: string;
  readonly run_id: string;
  /** Milliseconds: when the message is to be received, at the earliest. */
  readonly due: number;
}

/**
 * Sends a run for an application or a person: checked first, once for each key, and however long it is to be put
 * off. What jobs and actions send goes through `dispatchRun`, by the rules of the original.
 */
export async function sendDispatch(request: SendRequest, context: SendContext): Promise<Sent> {
  const { draft, delay } = await prepare(request, context);
  const noted = await note(draft, request, delay, context);
  if (noted.sent) return toSent(draft, noted, true, context);
  await send({ ...draft, due: noted.due }, request, context);
  if (request.key !== undefined) await settle(draft, context);
  return toSent(draft, noted, noted.repeated, context);
}

/** The message that {@link sendDispatch} would send now, after the same checks (CLI-093). */
export async function previewDispatch(
  request: SendRequest,
  context: SendContext,
): Promise<{ readonly worker: string; readonly body: string }> {
  const { draft } = await prepare(request, context);
  return { worker: draft.worker, body: toBody(draft, request, context) };
}

async function prepare(
  request: SendRequest,
  context: SendContext,
): Promise<{ readonly draft: Draft; readonly delay: number }> {
  const { job_id, key } = request;
  const now = context.clock.now();
  const delay = parseWait(request.delay);
  const job = await findJob(request, context);
  if (job !== undefined) checkDispatchInput(job, request);
  const worker = request.worker ?? job?.worker ?? "";
  if (request.deadline !== undefined && !(request.deadline > now + delay)) {
    throw new LavaError(
      "BAD_DEADLINE",
      `Bad deadline of job ${job_id}: ` +
        (request.deadline > now ? "it comes before the run does" : "it has passed already"),
      { retry: "never", kind: "usage" },
    );
  }
  const draft = {
    worker,
    job_id,
    run_id: key === undefined ? randomUUID() : runIdOfKey(context.realm, job_id, key),
    due: now + delay,
  };
  return { draft, delay };
}

/** Milliseconds of a delay. @throws {LavaError} BAD_DELAY */
function parseWait(delay: number | string | undefined): number {
  if (delay === undefined || delay === "") return 0;
  const bad = (why: string, cause?: unknown): LavaError =>
    new LavaError("BAD_DELAY", `Bad delay: ${why}`, { retry: "never", kind: "usage", cause });
  let ms: number;
  try {
    ms = Math.trunc(parseDuration(delay)) * 1000;
  } catch (error) {
    throw bad(errorText(error), error);
  }
  if (!(ms >= 0 && ms <= MAX_DELAY_MS)) throw bad(`${delay}: must be between 0 and 30 days`);
  return ms;
}

async function findJob(
  { job_id, worker, requireEnabled = true }: SendRequest,
  { jobs, realm }: SendContext,
): Promise<StoredJob | undefined> {
  const job = await jobs.get(job_id);
  if (job === undefined) {
    if (worker !== undefined) return undefined;
    throw new LavaError("NO_SUCH_JOB", `${job_id}: No such job`, {
      retry: "never",
      hint: `Realm ${realm} has no job of this id; \`lava plan\` shows which jobs a deploy would make.`,
    });
  }
  // A text is a template that only the run itself can judge.
  if (requireEnabled && typeof job.enabled !== "string" && !isTruthy(job.enabled)) {
    throw new LavaError("JOB_DISABLED", `${job_id}: Job is not enabled`, {
      retry: "never",
      hint: "Enable the job, or send it all the same with `lava dispatch --force`; its worker skips it.",
    });
  }
  return job;
}

/** What the run's item says before anything is sent. */
interface Noted {
  /** Whether the item was there already. */
  readonly repeated: boolean;
  /** Whether its message was sent, as far as the item knows. */
  readonly sent: boolean;
  readonly due: number;
}

/**
 * Enters a run with a key, a deadline or a long wait; others begin with their message. With a key the entry is made
 * once: `pending`, then `sent`. One that stays pending is of a sender that died between the two: the next one with
 * the key sends it, and workers run it once.
 */
async function note(
  draft: Draft,
  request: SendRequest,
  delay: number,
  { writer, clock }: SendContext,
): Promise<Noted> {
  const fresh = { repeated: false, sent: false, due: draft.due };
  const { key, deadline } = request;
  const late = delay > MAX_QUEUE_DELAY_MS;
  if (key === undefined && deadline === undefined && !late) return fresh;
  const digest = digestOf(request);
  const extra: ExtraAttributes = {
    x_state: "queued",
    ...(delay > 0 ? { x_due: new Date(draft.due).toISOString() } : {}),
    ...(deadline === undefined ? {} : { x_deadline: new Date(deadline).toISOString() }),
    ...(key === undefined
      ? {}
      : { x_sending: { key, digest, due: draft.due, at: clock.now(), state: "pending" } }),
  };
  try {
    await writer.write(draft, {
      events: [],
      origin: { worker: draft.worker, hostname: "" },
      // A long wait must not outlive what was said of the run.
      ttlFrom: draft.due,
      extra,
      ...(key === undefined
        ? {}
        : { condition: (one) => `attribute_not_exists(${one.name("job_id")})` }),
    });
    return fresh;
  } catch (error) {
    if (error instanceof ConditionFailed) return readNote(error.item ?? {}, draft, digest);
    // Who may only send, sends: the run id alone sees to it that a key is one run.
    if (isAccessDenied(error) && deadline === undefined) return fresh;
    throw error;
  }
}

function readNote(item: DataMap, { job_id, run_id, due }: Draft, digest: string): Noted {
  const sending = dataMapOf(item["x_sending"]);
  const earlier = textOf(sending["digest"]);
  if (earlier !== undefined && earlier !== digest) {
    throw new LavaError(
      "KEY_REUSED",
      `Job ${job_id} was dispatched before with this key and other parameters or globals: run ${run_id}`,
      { kind: "usage", retry: "never", hint: "Take another key for another run." },
    );
  }
  return {
    repeated: true,
    // An item without a note is one that a worker began: of a sender that may not write.
    sent: textOf(sending["state"]) !== "pending",
    due: numberOf(sending["due"]) ?? due,
  };
}

function toBody(
  { due, ...draft }: Draft,
  { parameters, globals }: SendRequest,
  { realm, clock }: SendContext,
): string {
  return formatDispatchMessage({
    realm,
    ...draft,
    // A wait that was asked for is no delay that `max_run_delay` is about.
    ts_dispatch: formatLocalTime(Math.max(due, clock.now())),
    ...(parameters === undefined ? {} : { parameters }),
    ...(globals === undefined ? {} : { globals }),
  });
}

async function send(whole: Draft, request: SendRequest, context: SendContext): Promise<void> {
  const { queue, clock, due: waiting } = context;
  const { due, ...draft } = whole;
  const delay = Math.max(0, due - clock.now());
  const body = toBody(whole, request, context);
  if (delay > MAX_QUEUE_DELAY_MS) {
    // A worker without a queue, and a message that is too large, are told now and not then.
    await queue(draft.worker).check(body);
    await waiting.put({ ...draft, body, due });
  } else await queue(draft.worker).sendBody(body, { delay: Math.ceil(delay / 1000) });
}

async function settle(draft: Draft, { writer }: SendContext): Promise<void> {
  try {
    await writer.write(draft, {
      events: [],
      origin: { worker: draft.worker, hostname: "" },
      assign: [[["x_sending", "state"], "sent"]],
    });
  } catch (error) {
    if (!isAccessDenied(error)) throw error;
  }
}

/** Tells requests of one key apart, without keeping what they send. */
function digestOf({ parameters = {}, globals = {} }: SendRequest): string {
  const names = { realm: "", worker: "", job_id: "", run_id: "", ts_dispatch: "" };
  const body = formatDispatchMessage({
    ...names,
    parameters: sorted(parameters),
    globals: sorted(globals),
  });
  return createHash("sha256").update(body).digest("base64url");
}

/** The order in which maps were written makes no other request. */
function sorted(map: DataMap): DataMap {
  const entries = Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, isDataMap(value) ? sorted(value) : value]),
  );
}

function toSent(
  { job_id, run_id, worker }: Draft,
  { due }: Noted,
  repeated: boolean,
  { realm, clock }: SendContext,
): Sent {
  return {
    realm,
    worker,
    job_id,
    run_id,
    repeated,
    due: due > clock.now() ? new Date(due).toISOString() : undefined,
  };
}
