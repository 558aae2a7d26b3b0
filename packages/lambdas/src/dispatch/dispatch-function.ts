import { errorText, isMap, LavaError, inParallel } from "@lava/core";
import { repeatableRunId, runIdOfKey } from "@lava/realm";
import { isPermanent } from "../dead-letters.ts";
import {
  type FunctionOptions,
  type Handler,
  type Invocation,
  openFunction,
  type WarmFunction,
} from "../function.ts";
import { type Delivery, unwrap } from "../input/unwrap.ts";
import { parseRequests } from "./parse-requests.ts";
import type { ParsedRequest, Request } from "./request.ts";

/** What the function dispatch answers: to a queue which messages it is to send again, to others what was done (LAM-113). */
export type DispatchAnswer =
  | { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] }
  | {
      readonly dispatched: readonly { readonly job_id: string; readonly run_id: string }[];
      readonly errors: readonly {
        readonly job_id: string | undefined;
        readonly code: string;
        readonly error: string;
      }[];
    };

/** How many requests are under way at a time. */
const LANES = 16;

/** A request of one delivery, and what became of it. */
interface Task {
  readonly delivery: Delivery;
  readonly parsed: ParsedRequest;
  readonly index: number;
}
type Outcome =
  | { readonly job_id: string; readonly run_id: string; readonly fault?: undefined }
  | {
      readonly job_id: string | undefined;
      readonly run_id?: undefined;
      readonly fault: unknown;
      /** Kept in the dead letter queue. */
      readonly kept: boolean;
    };

/**
 * The function dispatch: runs for whoever sends a small message (LAM-100 onward).
 *
 * @throws {LavaError} NO_REALM, BAD_CONFIG, BAD_LOG_LEVEL
 */
export function createDispatchFunction(options: FunctionOptions): Handler<DispatchAnswer> {
  const warm = openFunction("dispatch", options);
  return async (event, invocation) => {
    const request_id = invocation.awsRequestId;
    const logger = warm.logger.child({ request_id });
    logger.debug({ event }, "received event");
    const deliveries = unwrap(event, {
      source: (source) => `Event source ${source} not supported`,
    });
    const tasks = deliveries.flatMap((delivery) =>
      tasksOf(delivery, warm.config.SQS_MAX_DELAY_MINS),
    );
    const call = createCall({ ...warm, logger }, invocation);
    const outcomes = new Map<Task, Outcome>();
    const lanes = deliveries.some(({ ordered }) => ordered) ? 1 : LANES;
    let isBlocked = false;
    await inParallel(tasks, lanes, async (task) => {
      // A queue that keeps order gets all back that stands behind a failure.
      if (isBlocked && task.delivery.ordered) return;
      const outcome = await call(task);
      outcomes.set(task, outcome);
      if (isFailure(outcome)) isBlocked = true;
    });
    const errors = [...outcomes.values()].filter((outcome) => outcome.fault !== undefined);
    logger[errors.length > 0 ? "error" : "info"](
      { errors: errors.length, dispatched: outcomes.size - errors.length },
      errors.length > 0 ? "completed with errors" : "completed",
    );
    return answer(deliveries, tasks, outcomes);
  };
}

function tasksOf(delivery: Delivery, maxDelayMinutes: number): Task[] {
  if (delivery.fault !== undefined || delivery.body === undefined) {
    const fault = delivery.fault ?? new LavaError("BAD_EVENT", "A record of the event is empty");
    return [{ delivery, parsed: { job_id: undefined, fault }, index: 0 }];
  }
  const { body, direct } = delivery;
  if (direct && isMap(body) && !("job_id" in body)) {
    const fault = new LavaError("BAD_EVENT", "Cannot determine event format", { retry: "never" });
    return [{ delivery, parsed: { job_id: undefined, fault }, index: 0 }];
  }
  return parseRequests(body, maxDelayMinutes).map((parsed, index) => ({ delivery, parsed, index }));
}

/** What does one request, for one invocation. */
function createCall(
  warm: WarmFunction,
  { awsRequestId }: Invocation,
): (task: Task) => Promise<Outcome> {
  const { realm, logger, deadLetters } = warm;
  const workers = new Map<string, Promise<string>>();

  const workerOf = (job_id: string): Promise<string> => {
    const known = workers.get(job_id) ?? findWorker(job_id);
    workers.set(job_id, known);
    return known;
  };

  async function findWorker(job_id: string): Promise<string> {
    const job = await realm.getJob(job_id);
    const worker = job?.["worker"];
    if (typeof worker === "string" && worker !== "") return worker;
    throw job === undefined
      ? new LavaError("NO_SUCH_JOB", `${job_id}@${realm.name}: No such job`, { retry: "never" })
      : new LavaError("BAD_JOB_RECORD", `Bad job record: ${job_id}: worker must be a string`, {
          retry: "never",
        });
  }

  /** The sender's key, else the message's, else the invocation's: each is the same when it comes again (LAM-115). */
  function runIdOf({ job_id, dispatch_id }: Request, { delivery, index }: Task): string {
    return dispatch_id === undefined
      ? repeatableRunId("message", realm.name, job_id, delivery.key ?? awsRequestId, index)
      : runIdOfKey(realm.name, job_id, dispatch_id);
  }

  return async (task) => {
    const { parsed, delivery } = task;
    const job_id = parsed.request?.job_id ?? parsed.job_id;
    try {
      if (parsed.fault !== undefined) throw parsed.fault;
      const { request } = parsed;
      logger.info({ job_id, request }, "dispatch request");
      const { delay, globals, parameters } = request;
      const worker = await workerOf(request.job_id);
      const run_id = runIdOf(request, task);
      await realm.dispatch({ job_id: request.job_id, worker, run_id, delay, globals, parameters });
      logger.info({ job_id, run_id, worker }, "dispatched");
      return { job_id: request.job_id, run_id };
    } catch (fault) {
      const code = fault instanceof LavaError ? fault.code : "";
      logger.error({ job_id, code, error: errorText(fault) }, "cannot dispatch");
      const kept = await deadLetters.send({
        error: fault,
        job_id,
        request: parsed.request === undefined ? (delivery.body ?? null) : toData(parsed.request),
        request_id: awsRequestId,
      });
      return { job_id, fault, kept };
    }
  };
}

function toData({ job_id, delay, globals, parameters }: Request) {
  return { job_id, delay, globals, parameters };
}

function isFailure(outcome: Outcome | undefined): boolean {
  return outcome === undefined || (outcome.fault !== undefined && !outcome.kept);
}

function answer(
  deliveries: readonly Delivery[],
  tasks: readonly Task[],
  outcomes: ReadonlyMap<Task, Outcome>,
): DispatchAnswer {
  const failed = tasks.filter((task) => isFailure(outcomes.get(task)));
  if (deliveries.some(({ item }) => item !== undefined)) {
    const items = new Set(failed.flatMap(({ delivery: { item } }) => item ?? []));
    return { batchItemFailures: [...items].map((itemIdentifier) => ({ itemIdentifier })) };
  }
  const faults = [...outcomes.values()].flatMap((outcome) =>
    outcome.fault === undefined ? [] : [outcome],
  );
  if (failed.length > 0 && failed.length === tasks.length) raise(failed, faults);
  return {
    dispatched: [...outcomes.values()].flatMap((outcome) =>
      outcome.run_id === undefined ? [] : [{ job_id: outcome.job_id, run_id: outcome.run_id }],
    ),
    errors: faults.map(({ job_id, fault }) => ({
      job_id,
      code: fault instanceof LavaError ? fault.code : "",
      error: errorText(fault),
    })),
  };
}

/** Nothing could be done. A direct caller reads why in the answer, unless it is to try again or sent something else. */
function raise(failed: readonly Task[], faults: readonly { readonly fault: unknown }[]): void {
  const [first] = faults;
  const isOdd = faults.some(
    ({ fault }) => fault instanceof LavaError && fault.code === "BAD_EVENT",
  );
  const isDirect = failed.every(({ delivery }) => delivery.direct);
  if (isDirect && !isOdd && faults.every(({ fault }) => isPermanent(fault))) return;
  if (faults.length === 1 && first !== undefined) throw first.fault;
  throw new LavaError(
    "DISPATCH_FAILED",
    `None of ${faults.length} requests could be dispatched: ${faults.map(({ fault }) => errorText(fault)).join("; ")}`,
    { cause: first?.fault },
  );
}
