import { errorText, formatLocalTime, LavaError } from "@lava/core";
import type { Realm, ReceivedMessage, RunKey } from "@lava/realm";
import {
  type DispatchMessage,
  OWN_RECORD_PREFIX,
  parseDispatchMessage,
  type StoredJob,
} from "@lava/spec";
import { toLavaGlobals } from "./lava-globals.ts";
import { parseAnyTime } from "./times.ts";

/** What messages are checked against. */
export interface MessageChecks {
  readonly realm: Pick<Realm, "name" | "jobs">;
  readonly worker: string;
  /** A message that was received more often than this plus one is rejected (WK-005); negative: no limit. */
  readonly retries: number;
}

/** A message that is well formed and for this worker. */
export interface ParsedMessage {
  readonly dispatch: DispatchMessage;
  /** Milliseconds. */
  readonly ts_dispatch: number;
}

/** A fault for which the message is rejected; `run` where the body names one. */
export class Rejection extends Error {
  readonly reason: string;
  readonly run: RunKey | undefined;
  readonly ts_dispatch: string | undefined;
  readonly level: "error" | "warn";
  /** Text of the event; the log has the whole message. */
  readonly info: string;

  constructor(
    message: string,
    options: {
      reason: string;
      run?: RunKey;
      ts_dispatch?: string;
      info?: string;
      level?: "warn";
      cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.reason = options.reason;
    this.run = options.run;
    this.ts_dispatch = options.ts_dispatch;
    this.level = options.level ?? "error";
    this.info = options.info ?? message;
  }
}

/** Reads a message and checks that it is for this worker (WK-030 to WK-034). @throws {Rejection} */
export function parseMessage(message: ReceivedMessage, services: MessageChecks): ParsedMessage {
  let dispatch: DispatchMessage;
  let ts_dispatch: number;
  try {
    dispatch = parseDispatchMessage(message.body);
    ts_dispatch = parseDispatchTime(dispatch.ts_dispatch);
  } catch (error) {
    const key = keyOf(message.body);
    throw new Rejection(errorText(error), {
      reason: "malformed",
      cause: error,
      ...(key === undefined ? {} : { run: key }),
    });
  }
  const { job_id, run_id } = dispatch;
  if (!isStorable(job_id, run_id)) {
    throw new Rejection(`Malformed dispatch message: no key of an item: ${message.body}`, {
      reason: "malformed",
      info: "Malformed dispatch message: job_id or run_id is empty, too long or no text",
    });
  }
  if (isReserved(job_id)) {
    const info = `Job ${job_id} is a record of lava itself`;
    throw new Rejection(`Bad dispatch: ${info}`, { reason: "reserved_job", info });
  }
  const run = { job_id, run_id };
  const mismatch = (what: string, reason: string, ours: string, theirs: string): Rejection =>
    new Rejection(
      `Bad dispatch for job ${job_id} (${run_id}): ${what} mismatch: Expected ${ours} but got ${theirs}`,
      { reason, run, info: `${what} mismatch: Expected ${ours} but got ${theirs}` },
    );
  if (dispatch.realm !== services.realm.name) {
    throw mismatch("Realm", "realm_mismatch", services.realm.name, dispatch.realm);
  }
  if (dispatch.worker !== services.worker) {
    throw mismatch("Worker", "worker_mismatch", services.worker, dispatch.worker);
  }
  return { dispatch, ts_dispatch };
}

/** WK-032. */
function parseDispatchTime(text: string): number {
  try {
    return parseAnyTime(text);
  } catch (cause) {
    const message = `Bad timestamp in dispatch message: ${errorText(cause)}`;
    throw new LavaError("BAD_DISPATCH_MESSAGE", message, { cause, retry: "never" });
  }
}

/** The record of the job that a message names, if it may run (WK-005, WK-035 to WK-038). @throws {Rejection} */
export async function findJob(
  { dispatch, ts_dispatch: dispatched }: ParsedMessage,
  message: ReceivedMessage,
  services: MessageChecks,
): Promise<StoredJob> {
  const { job_id, run_id } = dispatch;
  const run = { job_id, run_id };
  const ts_dispatch = formatLocalTime(dispatched);
  const rejection = (info: string, reason: string, cause?: unknown): Rejection =>
    new Rejection(`Job ${job_id} (${run_id}): ${info}`, { reason, run, ts_dispatch, info, cause });
  if (services.retries >= 0 && message.receives > services.retries + 1) {
    const info = `Retry limit exceeded - deleted on cycle ${message.receives}`;
    throw new Rejection(`Job dispatch message ${message.message_id}: ${info}`, {
      reason: "retry_limit",
      run,
      ts_dispatch,
      info,
      level: "warn",
    });
  }
  let record: StoredJob | undefined;
  try {
    record = await services.realm.jobs.get(job_id);
  } catch (error) {
    if (!(error instanceof LavaError)) throw error;
    if (error.code === "RESERVED_GLOBAL") throw rejection(error.message, "bad_job_record", error);
    if (error.code !== "BAD_JOB_RECORD") throw error;
    throw rejection(`Bad job record: ${error.message}`, "bad_job_record", error);
  }
  if (record === undefined) throw rejection("No such job", "no_such_job");
  if (record.worker !== services.worker) {
    const text = `Worker mismatch: Expected ${services.worker} but got ${record.worker}`;
    throw rejection(text, "worker_mismatch");
  }
  if (record.max_tries > 0 && message.receives > record.max_tries) {
    throw rejection("max_tries exceeded", "max_tries");
  }
  try {
    toLavaGlobals(dispatch.globals?.["lava"], job_id, 0);
  } catch (error) {
    throw rejection(errorText(error), "bad_timestamp", error);
  }
  return record;
}

/** Whether DynamoDB takes these as keys: 2,048 and 1,024 bytes at most. */
function isStorable(job_id: string, run_id: string): boolean {
  const size = (text: string): number => Buffer.byteLength(text);
  if (!job_id.isWellFormed() || !run_id.isWellFormed()) return false;
  return job_id !== "" && run_id !== "" && size(job_id) <= 2048 && size(run_id) <= 1024;
}

/** Leases, due messages and the like live in the events table under such names (design 5). */
function isReserved(job_id: string): boolean {
  return job_id.startsWith(OWN_RECORD_PREFIX);
}

/** The run that a malformed body names, if it names one. */
function keyOf(body: string): RunKey | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) return undefined;
    if (!("job_id" in value) || !("run_id" in value)) return undefined;
    const { job_id, run_id } = value;
    if (typeof job_id !== "string" || typeof run_id !== "string") return undefined;
    return isStorable(job_id, run_id) && !isReserved(job_id) ? { job_id, run_id } : undefined;
  } catch {
    return undefined;
  }
}
