import { randomUUID } from "node:crypto";
import { type DataMap, LavaError } from "@lava/core";
import { workerLeaseId } from "@lava/spec";
import { ConditionFailed, searchAll } from "../documents.ts";
import { over } from "../events/run-record.ts";
import type { RunUpdate } from "../events/run-update.ts";
import type { RunEvent, RunKey } from "../events/types.ts";
import { createExpression, type Expression } from "../expression.ts";
import { textOf } from "../marshal.ts";
import { type CancelContext, cancelRun } from "./cancel.ts";
import { createClaimedRun } from "./claimed-run.ts";
import { findObstacle, type Obstacle, type Unsettled } from "./decide.ts";
import { createLease, fenceLease, leaseEnd, toLeaseRecord } from "./lease.ts";
import { repeat } from "./repeat.ts";
import type { ClaimOptions, ClaimResult, RunStore } from "./types.ts";

/** What a run store needs. */
export type RunStoreOptions = CancelContext;

/** A claim on its way: what is written, and what has been learnt. */
interface Attempt {
  readonly run: RunKey;
  readonly options: ClaimOptions;
  /** Shows, when an answer was lost, that the claim in the item is this one. */
  readonly token: string;
}

/** A claim gives up after having been overtaken this often. */
const MAX_TRIES = 10;

/** What a new holder says instead of how the run stood before (WF-116). */
const fresh = { x_state: "running", x_reason: undefined } as const;

/** Runs: who holds them (design 5). */
export function openRunStore(context: RunStoreOptions): RunStore {
  const { table, documents, writer, clock } = context;

  const taken = (
    { run, options }: Attempt,
    item: DataMap,
    lost?: string,
    unsettled?: Unsettled,
  ): ClaimResult => ({
    outcome: "claimed",
    run: createClaimedRun({
      writer,
      run,
      holder: options.holder,
      origin: options.origin,
      item,
      lost,
      unsettled,
      token: randomUUID,
      again: options.again,
    }),
  });

  /** A claim of this attempt that is in the item already: its answer was lost, a takeover's perhaps. */
  const recall = (attempt: Attempt, item: DataMap): ClaimResult => {
    const obstacle = findObstacle(item);
    const unsettled = obstacle.kind === "holder" ? obstacle.unsettled : undefined;
    return taken(attempt, item, textOf(item["x_lost"]), unsettled);
  };

  /** The update of a claim; `condition` says what the item must be like. */
  const claimUpdate = (
    { options, token }: Attempt,
    events: readonly RunEvent[],
    condition: (expression: Expression) => string,
  ): RunUpdate => ({
    events,
    origin: options.origin,
    ts_dispatch: options.ts_dispatch,
    extra: { ...options.extra, x_holder: options.holder, x_claim: token },
    raise: ["x_epoch", "x_attempt"],
    condition,
    returns: true,
  });

  /** Takes a run from a holder or a foreign worker; undefined when somebody was quicker. */
  async function takeOver(
    attempt: Attempt,
    obstacle: Extract<Obstacle, { kind: "holder" | "foreign" }>,
  ): Promise<ClaimResult | undefined> {
    const { run, options, token } = attempt;
    const unsettled = obstacle.kind === "holder" ? obstacle.unsettled : undefined;
    const lost = obstacle.kind === "holder" ? obstacle.holder : obstacle.worker;
    if (obstacle.kind === "holder" && !(await fenceLease(obstacle.holder, options.holder, context)))
      return undefined;
    const error = `Worker ${lost} was lost; run taken over by ${options.holder}`;
    const note: RunEvent = { status: "retrying", info: { error_data: null, error } };
    const events = unsettled ? [note] : [note, ...(options.events ?? [])];
    const update = claimUpdate(attempt, events, (expression) =>
      obstacle.kind === "holder"
        ? `${expression.name("x_holder")} = ${expression.value(obstacle.holder)} AND ` +
          `${expression.name("x_epoch")} = ${expression.value(obstacle.epoch)} AND ` +
          (unsettled
            ? `${expression.name("status")} = ${expression.value(unsettled.status)}`
            : `NOT ${isOver(expression)}`)
        : `attribute_not_exists(${expression.name("x_holder")}) AND ` +
          `${expression.name("tu_event")} = ${expression.value(obstacle.seen)} AND ` +
          `NOT ${isOver(expression)}`,
    );
    try {
      const send = (): Promise<DataMap> =>
        writer.write(run, {
          ...update,
          ...(unsettled
            ? { keepStatus: true, raise: ["x_epoch"] }
            : {
                extra: { ...fresh, x_reason: "worker_lost", ...update.extra, x_lost: lost },
              }),
        });
      const item = await repeat(send, options.again);
      return taken(attempt, item, lost, unsettled);
    } catch (failure) {
      if (!(failure instanceof ConditionFailed)) throw failure;
      return failure.item?.["x_claim"] === token
        ? taken(attempt, failure.item, lost, unsettled)
        : undefined;
    }
  }

  async function claim(run: RunKey, options: ClaimOptions): Promise<ClaimResult> {
    const attempt: Attempt = { run, options, token: randomUUID() };
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      let blocking: DataMap | undefined;
      try {
        const update = claimUpdate(attempt, options.events ?? [], isFree);
        const extra = { ...fresh, ...update.extra };
        const send = (): Promise<DataMap> => writer.write(run, { ...update, extra });
        return taken(attempt, await repeat(send, options.again));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        if (error.item?.["x_claim"] === attempt.token) return recall(attempt, error.item);
        blocking = error.item;
      }
      const blocked = await answer(findObstacle(blocking), options.holder);
      if (blocked.outcome !== "open") return blocked;
      if (blocked.obstacle.kind === "none") continue;
      const result = await takeOver(attempt, blocked.obstacle);
      if (result !== undefined) return result;
      // Somebody else moved first: look again.
    }
    throw new LavaError(
      "CLAIM_CONTENDED",
      `Run ${run.run_id} of job ${run.job_id} changed hands ${MAX_TRIES} times while it was being claimed`,
    );
  }

  /** What an obstacle means for who met it: `open` when it can be overcome. */
  async function answer(
    obstacle: Obstacle,
    holder: string | undefined,
  ): Promise<
    | Exclude<ClaimResult, { outcome: "claimed" }>
    | { outcome: "open"; obstacle: Exclude<Obstacle, { kind: "finished" }> }
  > {
    if (obstacle.kind === "finished") return { outcome: "finished", status: obstacle.status };
    if (obstacle.kind !== "holder") return { outcome: "open", obstacle };
    if (obstacle.holder === holder) {
      return { outcome: "held", holder, own: true, until: clock.now() };
    }
    const until = await leaseEnd(obstacle.holder, context);
    if (until === 0) return { outcome: "open", obstacle };
    return { outcome: "held", holder: obstacle.holder, own: false, until };
  }

  return {
    leaseTimes: context.times,
    lease: (options) => createLease(options, context),
    async listLeases(worker) {
      const expression = createExpression();
      const items = await searchAll(documents, table, {
        key: `${expression.name("job_id")} = ${expression.value(workerLeaseId(worker))}`,
        expression,
      });
      return items.map((item) => toLeaseRecord(item));
    },
    claim,
    cancel: (request) => cancelRun(request, context),
    async conclude(run, options) {
      const token = randomUUID();
      try {
        await writer.write(run, {
          events: options.events,
          origin: options.origin,
          ts_dispatch: options.ts_dispatch,
          extra: { ...options.extra, x_actions: { state: "settled" }, x_claim: token },
          condition: isFree,
        });
        return { outcome: "concluded" };
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        if (error.item?.["x_claim"] === token) return { outcome: "concluded" };
        return blockedConclusion(await answer(findObstacle(error.item), undefined), error.item);
      }
    },
  };

  /** A run that is neither free nor finished is left alone, whoever had it. */
  function blockedConclusion(
    found: Awaited<ReturnType<typeof answer>>,
    item: DataMap | undefined,
  ): Exclude<ClaimResult, { outcome: "claimed" }> {
    if (found.outcome !== "open") return found;
    const holder = textOf(item?.["x_holder"]) ?? textOf(item?.["worker"]) ?? "";
    return { outcome: "held", holder, own: false, until: clock.now() };
  }
}

/** Nobody holds the run, and either nothing has happened to it yet or it was given back. */
function isFree(expression: Expression): string {
  const status = expression.name("status");
  return (
    `attribute_not_exists(${expression.name("x_holder")}) AND ` +
    `(attribute_not_exists(${status}) OR (${status} = ${expression.value("retrying")} AND ` +
    `attribute_exists(${expression.name("x_epoch")})))`
  );
}

function isOver(expression: Expression): string {
  const values = over.map((status) => expression.value(status)).join(", ");
  return `${expression.name("status")} IN (${values})`;
}
