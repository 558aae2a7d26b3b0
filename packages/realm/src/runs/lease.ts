import {
  type Clock,
  type DataMap,
  formatLocalTime,
  formatUtcTime,
  isMap,
  LavaError,
} from "@lava/core";
import { workerLeaseId } from "@lava/spec";
import { ConditionFailed, type Documents } from "../documents.ts";
import { createExpression, type Expression } from "../expression.ts";
import { dataMapOf, numberOf, textOf } from "../marshal.ts";
import type { SteadyTime } from "./steady-time.ts";
import type { LeaseOptions, LeaseRecord, LeaseTimes, WorkerLease } from "./types.ts";

/** Design 5: a lease of 30 s; clocks within 5 s of each other. */
export const defaultLeaseTimes: LeaseTimes = { leaseMs: 30_000, skewMs: 5_000 };

/** A lease item outlives its lease by this, so that people can see what became of a worker. */
const KEEP_MS = 24 * 3_600_000;

/** What leases need. */
export interface LeaseContext {
  readonly table: string;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly times: LeaseTimes;
  readonly steady: SteadyTime;
}

/** `<worker>/<process>`: what `x_holder` of a run says. */
function holderName(worker: string, process: string): string {
  return `${worker}/${process}`;
}

/** The key of the lease item that a holder's name stands for. */
function leaseKey(holder: string): { job_id: string; run_id: string } {
  const slash = holder.lastIndexOf("/");
  return { job_id: workerLeaseId(holder.slice(0, slash)), run_id: holder.slice(slash + 1) };
}

/** The lease of one worker process; nothing is written before `start`. */
export function createLease(options: LeaseOptions, context: LeaseContext): WorkerLease {
  const { table, documents, clock, times, steady } = context;
  const { origin, process } = options;
  const holder = holderName(origin.worker, process);
  let expires = 0;
  let cancels = 0;

  /** Writes the item; the end of the lease counts from before the call. */
  async function write(
    state: "live" | "ended",
    more: DataMap,
    condition: (expression: Expression) => string,
  ): Promise<void> {
    const now = clock.now();
    const until = state === "live" ? steady.latest() + times.leaseMs : now;
    const expression = createExpression();
    const values: DataMap = {
      x_state: state,
      x_expires: until,
      ttl: Math.ceil((until + KEEP_MS) / 1000),
      ts_event: formatLocalTime(now),
      tu_event: formatUtcTime(now),
      ...more,
    };
    const sets = Object.entries(values).map(
      ([name, value]) => `${expression.name(name)} = ${expression.value(value)}`,
    );
    try {
      const item = await documents.update(table, leaseKey(holder), {
        update: `SET ${sets.join(", ")}`,
        condition: condition(expression),
        expression,
        returns: true,
      });
      cancels = numberOf(item["x_cancels"]) ?? 0;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      expires = 0;
      throw new LavaError(
        "LEASE_LOST",
        `The lease of worker process ${holder} has ended: another worker has taken over its runs`,
        {
          retry: "never",
          cause: error,
          hint: "The process was stopped or cut off for longer than its lease; it has to start anew.",
        },
      );
    }
    expires = until;
  }

  const live = (expression: Expression): string =>
    `${expression.name("x_state")} = ${expression.value("live")}`;

  return {
    holder,
    worker: origin.worker,
    process,
    durationMs: times.leaseMs,
    get expires() {
      return expires;
    },
    get cancels() {
      return cancels;
    },
    async look() {
      const item = await documents.get(table, leaseKey(holder), { weak: true });
      cancels = Math.max(cancels, numberOf(item?.["x_cancels"]) ?? 0);
    },
    start: () =>
      write(
        "live",
        {
          worker: origin.worker,
          hostname: origin.hostname,
          ...(origin.instance_id === undefined ? {} : { instance_id: origin.instance_id }),
          ...(options.pid === undefined ? {} : { x_pid: options.pid }),
          x_info: options.info ?? {},
        },
        // A fenced process never comes back under its old name.
        (expression) =>
          `attribute_not_exists(${expression.name("x_state")}) OR ${live(expression)}`,
      ),
    renew: () => write("live", {}, live),
    async tell(info) {
      const expression = createExpression();
      await documents.update(table, leaseKey(holder), {
        update: `SET ${expression.name("x_info")} = ${expression.value(info)}`,
        condition: live(expression),
        expression,
      });
    },
    end: () => write("ended", {}, live),
  };
}

/**
 * Fences the lease of a holder whose time is over, so that its renewals fail from now on. False when the holder
 * has renewed its lease after all.
 */
export async function fenceLease(
  holder: string,
  by: string,
  context: LeaseContext,
): Promise<boolean> {
  const { table, documents, clock, times, steady } = context;
  const now = clock.now();
  const expression = createExpression();
  const state = expression.name("x_state");
  const sets = [
    `${state} = ${expression.value("fenced")}`,
    `${expression.name("x_fenced_by")} = ${expression.value(by)}`,
    `${expression.name("ttl")} = ${expression.value(Math.ceil((now + KEEP_MS) / 1000))}`,
  ];
  try {
    await documents.update(table, leaseKey(holder), {
      update: `SET ${sets.join(", ")}`,
      condition:
        `attribute_not_exists(${state}) OR ${state} <> ${expression.value("live")} OR ` +
        `${expression.name("x_expires")} < ${expression.value(steady.earliest() - times.skewMs)}`,
      expression,
    });
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

/** When a holder's lease can be fenced, milliseconds: 0 for at once. */
export async function leaseEnd(holder: string, context: LeaseContext): Promise<number> {
  const item = await context.documents.get(context.table, leaseKey(holder));
  if (item?.["x_state"] !== "live") return 0;
  const end = (numberOf(item["x_expires"]) ?? 0) + context.times.skewMs;
  return end < context.steady.earliest() ? 0 : end;
}

/**
 * Tells a holder that one of its runs is to be cancelled: it looks at this number (design 5).
 *
 * @returns false when the holder has no live lease
 */
export async function raiseCancels(holder: string, context: LeaseContext): Promise<boolean> {
  const expression = createExpression();
  const cancels = expression.name("x_cancels");
  const [zero, one] = [expression.value(0), expression.value(1)];
  try {
    await context.documents.update(context.table, leaseKey(holder), {
      update: `SET ${cancels} = if_not_exists(${cancels}, ${zero}) + ${one}`,
      condition: `${expression.name("x_state")} = ${expression.value("live")}`,
      expression,
    });
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

/** A lease item as others see it. */
export function toLeaseRecord(item: DataMap): LeaseRecord {
  const state = textOf(item["x_state"]);
  const pid = numberOf(item["x_pid"]);
  return {
    worker: textOf(item["worker"]) ?? "",
    process: textOf(item["run_id"]) ?? "",
    hostname: textOf(item["hostname"]) ?? "",
    ...(pid === undefined ? {} : { pid }),
    state: state === "live" || state === "ended" ? state : "fenced",
    expires: numberOf(item["x_expires"]) ?? 0,
    info: isMap(item["x_info"]) ? dataMapOf(item["x_info"]) : {},
  };
}
