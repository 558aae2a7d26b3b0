import { randomUUID } from "node:crypto";
import {
  type Clock,
  type DataMap,
  errorText,
  formatLocalTime,
  isTruthy,
  LavaError,
  parseDuration,
} from "@lava/core";
import type { StoredJob } from "@lava/spec";
import type { RunWriter } from "../events/run-writer.ts";
import type { WorkerQueue } from "../queue/types.ts";
import type { RecordTable } from "../tables/record-table.ts";
import type { DispatchReceipt, DispatchRequest } from "./types.ts";

/** Minutes by which SQS can put a message off (JOB-dispatch-02). */
const MAX_DELAY_MINUTES = 15;

/** What dispatching needs of a realm. */
export interface DispatchContext {
  readonly realm: string;
  readonly clock: Clock;
  /** Asked only when the request names no worker or wants an enabled job. */
  readonly jobs: Pick<RecordTable<StoredJob>, "get">;
  readonly queue: (worker: string) => WorkerQueue;
  readonly writer: Pick<RunWriter, "write">;
}

/** Sends one run of a job to its worker's queue (WF-070 onward). */
export async function dispatchRun(
  request: DispatchRequest,
  context: DispatchContext,
): Promise<DispatchReceipt> {
  const { job_id } = request;
  const delay = parseDelay(request.delay);
  const worker = await findWorker(request, context);
  const message = {
    realm: context.realm,
    worker,
    job_id,
    run_id: request.run_id ?? randomUUID(),
    ts_dispatch: formatLocalTime(context.clock.now()),
  };
  if (request.deadline !== undefined) await keepDeadline(request.deadline, message, context);
  const { message_id } = await context.queue(worker).send(
    {
      ...message,
      ...nonEmpty("parameters", request.parameters),
      ...nonEmpty("globals", request.globals),
    },
    { delay },
  );
  return { ...message, message_id };
}

/** What messages have no place for is in the run's item before they are sent (design 5). */
async function keepDeadline(
  deadline: number,
  { worker, job_id, run_id }: { worker: string; job_id: string; run_id: string },
  { clock, writer }: DispatchContext,
): Promise<void> {
  if (!(deadline > clock.now())) {
    throw new LavaError("BAD_DEADLINE", `Bad deadline of job ${job_id}: it has passed already`, {
      retry: "never",
      kind: "usage",
    });
  }
  await writer.write(
    { job_id, run_id },
    {
      events: [],
      origin: { worker, hostname: "" },
      extra: { x_state: "queued", x_deadline: new Date(deadline).toISOString() },
    },
  );
}

/** Whole seconds of a delay (JOB-dispatch-02). @throws {LavaError} BAD_DELAY */
export function parseDelay(delay: number | string | undefined): number {
  if (delay === undefined || delay === "") return 0;
  let seconds: number;
  try {
    seconds = Math.trunc(parseDuration(delay));
  } catch (error) {
    throw new LavaError("BAD_DELAY", `Bad delay: ${errorText(error)}`, {
      retry: "never",
      cause: error,
    });
  }
  if (seconds < 0 || seconds > MAX_DELAY_MINUTES * 60) {
    throw new LavaError(
      "BAD_DELAY",
      `Bad delay: ${seconds}: must be between 0 and ${MAX_DELAY_MINUTES} minutes`,
      { retry: "never" },
    );
  }
  return seconds;
}

async function findWorker(request: DispatchRequest, context: DispatchContext): Promise<string> {
  const { job_id, worker, requireEnabled = false } = request;
  if (worker !== undefined && !requireEnabled) return worker;
  const job = await context.jobs.get(job_id);
  if (job === undefined) {
    throw new LavaError("NO_SUCH_JOB", `${job_id}: No such job`, {
      retry: "never",
      hint: `Realm ${context.realm} has no job of this id; \`lava plan\` shows which jobs a deploy would make.`,
    });
  }
  // A text is a template that only the run itself can judge.
  if (requireEnabled && typeof job.enabled !== "string" && !isTruthy(job.enabled)) {
    throw new LavaError("JOB_DISABLED", `${job_id}: Job is not enabled`, {
      retry: "never",
      hint: "Enable the job, or send it all the same with `lava dispatch --force`; its worker skips it.",
    });
  }
  return worker ?? job.worker;
}

/** Left out when empty (WF-074). */
function nonEmpty<N extends string>(name: N, map: DataMap | undefined): { [K in N]?: DataMap } {
  const part: { [K in N]?: DataMap } = {};
  if (map !== undefined && Object.keys(map).length > 0) part[name] = map;
  return part;
}
