import { randomUUID } from "node:crypto";
import { type Data, type DataMap, LavaError } from "@lava/core";
import type { DispatchReceipt, DispatchRequest } from "../dispatch/types.ts";
import { isTerminal } from "../events/run-record.ts";
import type { RunWriter } from "../events/run-writer.ts";
import type { EventStore, RunRecord } from "../events/types.ts";
import { dataMapOf, isDataMap, textOf } from "../marshal.ts";
import { readSent } from "../runs/sent.ts";
import type { RerunRequest, RunPlan } from "./types.ts";

/** What repeating a run needs of a realm. */
export interface RerunContext {
  readonly events: Pick<EventStore, "get">;
  readonly writer: RunWriter;
  readonly hostname: string;
  readonly dispatch: (request: DispatchRequest) => Promise<DispatchReceipt>;
}

/** How many earlier runs a plan names at most. */
const MOST_RUNS = 20;

/**
 * Repeats a run as a new one. Its plan is an item of its own, written before the message is sent: the message is of
 * the original's format, so that any worker takes it (design 5).
 */
export async function rerunRun(
  request: RerunRequest,
  context: RerunContext,
): Promise<DispatchReceipt> {
  const { job_id, fromFailed = false, only } = request;
  const old = await findRun(request, context);
  const { x_sent, x_plan: earlier } = old.extra;
  const sent = readSent(x_sent);
  if (sent === undefined && request.parameters === undefined) {
    throw new LavaError(
      "RERUN_NEEDS_PARAMETERS",
      `What run ${old.run_id} of job ${job_id} was sent is too large to have been kept`,
      { kind: "usage", hint: "Give its parameters and globals anew." },
    );
  }
  const done = fromFailed ? [...(toRunPlan(earlier)?.done ?? []), old.run_id] : [];
  const run_id = randomUUID();
  await context.writer.write(
    { job_id, run_id },
    {
      events: [],
      origin: { worker: old.worker, hostname: context.hostname },
      extra: {
        x_state: "queued",
        x_plan: {
          of: old.run_id,
          done: done.slice(-MOST_RUNS),
          ...(only === undefined ? {} : { only: [...only] }),
        },
      },
    },
  );
  return context.dispatch({
    job_id,
    run_id,
    parameters: overlay(sent?.parameters ?? {}, request.parameters),
    globals: overlay(sent?.globals ?? {}, request.globals),
    ...(request.requireEnabled === undefined ? {} : { requireEnabled: request.requireEnabled }),
  });
}

async function findRun(
  { job_id, run_id }: RerunRequest,
  { events }: RerunContext,
): Promise<RunRecord> {
  const old = await events.get({ job_id, run_id });
  if (old === undefined) {
    throw new LavaError("NO_SUCH_RUN", `Job ${job_id} has no run ${run_id}`, {
      kind: "usage",
      hint: "`lava runs` lists them.",
    });
  }
  refuseChild(old);
  if (!isTerminal(old.status)) {
    throw new LavaError(
      "RUN_NOT_OVER",
      `Run ${run_id} of job ${job_id} is not over: ${old.status || "queued"}`,
      { kind: "usage", hint: "Wait for its end; another run besides it: `lava dispatch`." },
    );
  }
  return old;
}

/** A child has no message of its own to be sent again. */
function refuseChild({ job_id, run_id, extra }: RunRecord): void {
  const parent = textOf(dataMapOf(extra["x_child"])["parent"]);
  if (parent === undefined) return;
  throw new LavaError(
    "RUN_IS_CHILD",
    `Run ${run_id} of job ${job_id} is part of the run of job ${parent}`,
    { kind: "usage", hint: `lava rerun ${parent} ${run_id} --only ${job_id}` },
  );
}

/** The plan of a run; undefined when it has none. */
export function toRunPlan(value: Data | undefined): RunPlan | undefined {
  const map = dataMapOf(value);
  const of = textOf(map["of"]);
  if (of === undefined) return undefined;
  const only = map["only"];
  return { of, done: texts(map["done"]), only: only === undefined ? undefined : texts(only) };
}

function texts(value: Data | undefined): string[] {
  return Array.isArray(value) ? value.filter((item: Data) => typeof item === "string") : [];
}

/** Maps are laid into each other, other values are replaced. */
function overlay(old: DataMap, more: DataMap = {}): DataMap {
  const result: Record<string, Data> = { ...old };
  for (const [name, value] of Object.entries(more)) {
    const below = result[name];
    result[name] = isDataMap(value) && isDataMap(below) ? overlay(below, value) : value;
  }
  return result;
}
