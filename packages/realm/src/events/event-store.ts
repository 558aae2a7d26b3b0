import { type DataMap, formatUtcTime, isMap, LavaError, parseJson } from "@lava/core";
import { EVENTS_INDEX } from "@lava/spec";
import { ConditionFailed, type Documents } from "../documents.ts";
import { createExpression } from "../expression.ts";
import { isDataMap } from "../marshal.ts";
import { toRunRecord } from "./run-record.ts";
import type { RunWriter } from "./run-writer.ts";
import type { EventStore, Fence, ListRunsOptions, Page, RunKey, RunRecord } from "./types.ts";

/** How many jobs are asked for their runs at the same time. */
const PARALLEL = 8;

/** The error of a write by somebody who does not hold the run any more. */
export function runLost(run: RunKey, fence: Fence): LavaError {
  return new LavaError(
    "RUN_LOST",
    `Run ${run.run_id} of job ${run.job_id} is no longer held by ${fence.holder} (epoch ${fence.epoch})`,
    { retry: "never" },
  );
}

/** The events table. */
export function openEventStore(documents: Documents, writer: RunWriter): EventStore {
  const { table } = writer;

  async function listByJob(
    job_id: string,
    options: ListRunsOptions = {},
  ): Promise<Page<RunRecord>> {
    const { limit = 50, since, until, status } = options;
    const expression = createExpression();
    const keys = [`${expression.name("job_id")} = ${expression.value(job_id)}`];
    if (since !== undefined || until !== undefined) {
      const from = expression.value(formatUtcTime(since ?? 0));
      const to = expression.value(until === undefined ? "9" : formatUtcTime(until));
      keys.push(`${expression.name("tu_event")} BETWEEN ${from} AND ${to}`);
    }
    const filter = status?.length
      ? `${expression.name("status")} IN (${status.map((one) => expression.value(one)).join(", ")})`
      : undefined;
    const items: RunRecord[] = [];
    let start = options.cursor === undefined ? undefined : parseCursor(options.cursor);
    do {
      const page = await documents.search(table, {
        index: EVENTS_INDEX,
        key: keys.join(" AND "),
        expression,
        descending: true,
        // With a filter the service counts before it filters: ask for more than a handful.
        limit: filter === undefined ? limit - items.length : Math.max(100, limit - items.length),
        ...(filter === undefined ? {} : { filter }),
        ...(start === undefined ? {} : { start }),
      });
      items.push(...page.items.map((item) => toRunRecord(item)));
      start = page.next;
    } while (start !== undefined && items.length < limit);
    if (items.length > limit) {
      items.length = limit;
      start = indexKey(items.at(-1));
    }
    return start === undefined ? { items } : { items, cursor: formatCursor(start) };
  }

  return {
    table,
    listByJob,
    async append(run, events, { origin, ts_dispatch, extra, fence, parentEpoch, status }) {
      try {
        await writer.write(run, {
          events: Array.isArray(events) ? events : [events],
          origin,
          ts_dispatch,
          status,
          extra: parentEpoch === undefined ? extra : { ...extra, x_parent_epoch: parentEpoch },
          ...(parentEpoch !== undefined && {
            condition: (expression) => {
              const name = expression.name("x_parent_epoch");
              return `attribute_not_exists(${name}) OR ${name} <= ${expression.value(parentEpoch)}`;
            },
          }),
          ...(fence && {
            condition: (expression) =>
              `${expression.name("x_holder")} = ${expression.value(fence.holder)} AND ` +
              `${expression.name("x_epoch")} = ${expression.value(fence.epoch)}`,
          }),
        });
      } catch (error) {
        if (error instanceof ConditionFailed && fence !== undefined) throw runLost(run, fence);
        if (error instanceof ConditionFailed && parentEpoch !== undefined) {
          throw runLost(run, { holder: "the run above it", epoch: parentEpoch });
        }
        throw error;
      }
    },
    async get(run) {
      const item = await documents.get(table, { job_id: run.job_id, run_id: run.run_id });
      return item && toRunRecord(item);
    },
    async listByPrefix(job_id, prefix, most) {
      if (prefix === "") return [];
      const items: DataMap[] = [];
      let start: DataMap | undefined;
      do {
        const expression = createExpression();
        const page = await documents.search(table, {
          key:
            `${expression.name("job_id")} = ${expression.value(job_id)} AND ` +
            `begins_with(${expression.name("run_id")}, ${expression.value(prefix)})`,
          expression,
          limit: most - items.length,
          ...(start === undefined ? {} : { start }),
        });
        items.push(...page.items);
        start = page.next;
      } while (start !== undefined && items.length < most);
      return items.map((item) => toRunRecord(item));
    },
    async listRecent(jobs, options = {}) {
      const all: RunRecord[] = [];
      for (let first = 0; first < jobs.length; first += PARALLEL) {
        const pages = await Promise.all(
          jobs.slice(first, first + PARALLEL).map((job_id) => listByJob(job_id, options)),
        );
        all.push(...pages.flatMap((page) => page.items));
      }
      return all
        .toSorted((a, b) => (a.tu_event > b.tu_event ? -1 : a.tu_event < b.tu_event ? 1 : 0))
        .slice(0, options.limit ?? 50);
    },
  };
}

function indexKey(run: RunRecord | undefined): DataMap | undefined {
  return run && { job_id: run.job_id, run_id: run.run_id, tu_event: run.tu_event };
}

function formatCursor(key: DataMap): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

function parseCursor(cursor: string): DataMap {
  const text = Buffer.from(cursor, "base64url").toString();
  try {
    const key = parseJson(text);
    if (isMap(key) && isDataMap(key)) return key;
  } catch (error) {
    throw badCursor(error);
  }
  throw badCursor(undefined);
}

function badCursor(cause: unknown): LavaError {
  return new LavaError("BAD_CURSOR", "The cursor is not one that a list of runs gave", {
    kind: "usage",
    cause,
  });
}
