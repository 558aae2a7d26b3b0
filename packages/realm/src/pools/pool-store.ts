import { randomUUID } from "node:crypto";
import { type Data, type DataMap, LavaError } from "@lava/core";
import { poolId } from "@lava/spec";
import { ConditionFailed } from "../documents.ts";
import { createExpression } from "../expression.ts";
import { dataMapOf, numberOf, textOf } from "../marshal.ts";
import { fenceLease, type LeaseContext, leaseEnd } from "../runs/lease.ts";
import type { PoolRecord, PoolRequest, PoolSlot, PoolStore, PoolUse } from "./types.ts";

/** `run_id` of a pool's one item. */
const ITEM = "slots";

/** What the attributes of taken slots begin with; the token follows. */
const SLOT = "x_slot_";

/** A run that has waited for so long has the next slot kept for it, milliseconds. */
const PATIENCE_MS = 60_000;

/** How long a slot is kept for the run that waits longest, unless it asks again. */
const KEEP_MS = 20_000;

/** A slot is taken before its run is claimed: only after this is a run without that holder a sign of a leak. */
const GRACE_MS = 120_000;

/** A pool that nobody has used for so long may be forgotten. */
const TTL_MS = 90 * 24 * 3_600_000;

/** Pools of one realm. */
export function openPoolStore(context: LeaseContext): PoolStore {
  const { table, documents, clock } = context;
  /** Tokens that this process has, or is about to take. */
  const own = new Set<string>();
  const keyOf = (pool: string): DataMap => ({ job_id: poolId(pool), run_id: ITEM });

  async function attempt(request: PoolRequest, token: string): Promise<DataMap | "taken"> {
    const { pool, size, slots, run, holder, since } = request;
    const now = clock.now();
    const expression = createExpression();
    const used = expression.name("x_used");
    const slot = expression.name(`${SLOT}${token}`);
    const until = expression.name("x_next_until");
    const use = { holder, job_id: run.job_id, run_id: run.run_id, slots, since: now };
    try {
      await documents.update(table, keyOf(pool), {
        update:
          `SET ${used} = if_not_exists(${used}, ${expression.value(0)}) + ${expression.value(slots)}, ` +
          `${slot} = ${expression.value(use)}, ${expression.name("x_size")} = ${expression.value(size)}, ` +
          `${expression.name("ttl")} = ${expression.value(Math.ceil((now + TTL_MS) / 1000))} ` +
          `REMOVE ${until}, ${expression.name("x_next_since")}`,
        condition:
          `attribute_not_exists(${slot}) AND ` +
          `(attribute_not_exists(${used}) OR ${used} <= ${expression.value(size - slots)}) AND ` +
          `(attribute_not_exists(${until}) OR ${until} < ${expression.value(now)} OR ` +
          `${expression.name("x_next_since")} >= ${expression.value(since)})`,
        expression,
      });
      return "taken";
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      // The first sending arrived and its answer was lost.
      if (error.item?.[`${SLOT}${token}`] !== undefined) return "taken";
      return error.item ?? {};
    }
  }

  async function free({ pool, slots, token }: PoolSlot): Promise<void> {
    const expression = createExpression();
    const used = expression.name("x_used");
    const slot = expression.name(`${SLOT}${token}`);
    try {
      await documents.update(table, keyOf(pool), {
        update: `SET ${used} = ${used} - ${expression.value(slots)} REMOVE ${slot}`,
        condition: `attribute_exists(${slot})`,
        expression,
      });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
    own.delete(token);
  }

  /** Whether the slots of a use were left behind: by a lost worker, or by a run that its holder has ended. */
  async function isLeft(use: PoolUse, holder: string): Promise<boolean> {
    if (use.holder === holder) return !own.has(use.token);
    if ((await leaseEnd(use.holder, context)) === 0) {
      return fenceLease(use.holder, holder, context);
    }
    if (clock.now() - use.since < GRACE_MS) return false;
    const item = await documents.get(table, { job_id: use.job_id, run_id: use.run_id });
    return item?.["x_holder"] !== use.holder;
  }

  /** Frees what was left behind; whether anything was. */
  async function reap(pool: string, item: DataMap, holder: string): Promise<boolean> {
    const left = await Promise.all(
      usesOf(item).map(async (use) => ((await isLeft(use, holder)) ? use : undefined)),
    );
    let found = false;
    for (const use of left) {
      if (use === undefined) continue;
      await free({ pool, slots: use.slots, token: use.token });
      found = true;
    }
    return found;
  }

  /** Keeps the next slot for a run that has waited for long, unless an older one has that already. */
  async function keepNext({ pool, since }: PoolRequest): Promise<void> {
    const now = clock.now();
    if (now - since < PATIENCE_MS) return;
    const expression = createExpression();
    const until = expression.name("x_next_until");
    const next = expression.name("x_next_since");
    try {
      await documents.update(table, keyOf(pool), {
        update: `SET ${until} = ${expression.value(now + KEEP_MS)}, ${next} = ${expression.value(since)}`,
        condition:
          `attribute_not_exists(${until}) OR ${until} < ${expression.value(now)} OR ` +
          `${next} >= ${expression.value(since)}`,
        expression,
      });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }

  return {
    async take(request) {
      const { pool, size, slots, run, holder } = request;
      if (slots > size) {
        throw new LavaError(
          "POOL_TOO_SMALL",
          `Job ${run.job_id} takes ${slots} slots of pool ${pool}, which has ${size}`,
          { retry: "never", hint: "Raise its size in x-lava-pools of the realm, or take fewer." },
        );
      }
      const token = randomUUID().slice(0, 13);
      own.add(token);
      try {
        let blocking = await attempt(request, token);
        if (blocking !== "taken" && (await reap(pool, blocking, holder))) {
          blocking = await attempt(request, token);
        }
        if (blocking === "taken") return { pool, slots, token };
      } catch (error) {
        // Should the write have arrived all the same, the slot is found as left behind.
        own.delete(token);
        throw error;
      }
      own.delete(token);
      await keepNext(request);
      return undefined;
    },
    free,
    async get(pool): Promise<PoolRecord> {
      const item = (await documents.get(table, keyOf(pool))) ?? {};
      return { used: numberOf(item["x_used"]) ?? 0, uses: usesOf(item) };
    },
  };
}

function usesOf(item: DataMap): PoolUse[] {
  return Object.entries(item)
    .filter(([name]) => name.startsWith(SLOT))
    .map(([name, value]) => toUse(name.slice(SLOT.length), value));
}

function toUse(token: string, value: Data): PoolUse {
  const use = dataMapOf(value);
  return {
    token,
    holder: textOf(use["holder"]) ?? "",
    job_id: textOf(use["job_id"]) ?? "",
    run_id: textOf(use["run_id"]) ?? "",
    slots: numberOf(use["slots"]) ?? 1,
    since: numberOf(use["since"]) ?? 0,
  };
}
