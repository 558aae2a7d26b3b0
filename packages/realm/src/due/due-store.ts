import { type Clock, type DataMap, formatLocalTime, formatUtcTime } from "@lava/core";
import { dueId } from "@lava/spec";
import { ConditionFailed, type Documents, searchAll } from "../documents.ts";
import { createExpression } from "../expression.ts";
import { numberOf, textOf } from "../marshal.ts";
import type { DueItem, DueStore } from "./types.ts";

/** What due messages need. */
export interface DueContext {
  readonly table: string;
  readonly documents: Documents;
  readonly clock: Clock;
}

/** An item that could not be sent is kept so long after it was due. */
const KEEP_MS = 14 * 24 * 3_600_000;

/** One that was sent is kept so long, for people. */
const KEEP_SENT_MS = 3_600_000;

/** A sender has so long to send what it took. */
const SENDING_MS = 60_000;

/** Due messages of one realm. */
export function openDueStore({ table, documents, clock }: DueContext): DueStore {
  const keyOf = ({ worker, key }: DueItem): DataMap => ({ job_id: dueId(worker), run_id: key });

  async function set(
    key: DataMap,
    values: DataMap,
    condition?: (state: string, until: string, value: (of: string | number) => string) => string,
  ): Promise<void> {
    const expression = createExpression();
    const sets = Object.entries(values).map(
      ([name, value]) => `${expression.name(name)} = ${expression.value(value)}`,
    );
    await documents.update(table, key, {
      update: `SET ${sets.join(", ")}`,
      expression,
      ...(condition && {
        condition: condition(expression.name("x_state"), expression.name("x_until"), (of) =>
          expression.value(of),
        ),
      }),
    });
  }

  return {
    async put({ worker, job_id, run_id, body, due }) {
      const now = clock.now();
      // Sorted by time; the same wait of the same run is the same item.
      const key = { job_id: dueId(worker), run_id: `${formatDue(due)}/${job_id}/${run_id}` };
      await set(key, {
        x_state: "pending",
        x_job_id: job_id,
        x_run_id: run_id,
        x_message: body,
        x_due: due,
        worker,
        ttl: Math.ceil((due + KEEP_MS) / 1000),
        ts_event: formatLocalTime(now),
        tu_event: formatUtcTime(now),
      });
    },
    async list(worker, from = 0) {
      const now = clock.now();
      const due: DueItem[] = [];
      let start: DataMap | undefined;
      do {
        const expression = createExpression();
        const page = await documents.search(table, {
          key:
            `${expression.name("job_id")} = ${expression.value(dueId(worker))} AND ` +
            `${expression.name("run_id")} >= ${expression.value(formatDue(from))}`,
          filter: `${expression.name("x_state")} <> ${expression.value("sent")}`,
          expression,
          limit: 50,
          ...(start === undefined ? {} : { start }),
        });
        for (const item of page.items.map((one) => toDueItem(worker, one))) {
          if (item.due > now) return { due, next: item.due };
          due.push(item);
        }
        start = page.next;
      } while (start !== undefined);
      return { due, next: undefined };
    },
    async waiting(worker) {
      const expression = createExpression();
      const items = await searchAll(documents, table, {
        key: `${expression.name("job_id")} = ${expression.value(dueId(worker))}`,
        filter: `${expression.name("x_state")} <> ${expression.value("sent")}`,
        expression,
      });
      return items.map((item) => toDueItem(worker, item));
    },
    async take(item) {
      const now = clock.now();
      try {
        await set(
          keyOf(item),
          { x_state: "sending", x_until: now + SENDING_MS },
          (state, until, value) =>
            `${state} = ${value("pending")} OR (${state} = ${value("sending")} AND ${until} < ${value(now)})`,
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed) return false;
        throw error;
      }
    },
    async sent(item) {
      const ttl = Math.ceil((clock.now() + KEEP_SENT_MS) / 1000);
      await set(keyOf(item), { x_state: "sent", ttl });
    },
  };
}

/** UTC to the millisecond: text that sorts as time. */
function formatDue(ms: number): string {
  return new Date(ms).toISOString();
}

function toDueItem(worker: string, item: DataMap): DueItem {
  return {
    worker,
    key: textOf(item["run_id"]) ?? "",
    job_id: textOf(item["x_job_id"]) ?? "",
    run_id: textOf(item["x_run_id"]) ?? "",
    body: textOf(item["x_message"]) ?? "",
    due: numberOf(item["x_due"]) ?? 0,
  };
}
