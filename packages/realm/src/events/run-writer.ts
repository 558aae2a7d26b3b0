import {
  type Clock,
  type Data,
  type DataMap,
  errorText,
  formatLocalTime,
  formatUtcTime,
  type Redactor,
} from "@lava/core";
import { awsErrorCode } from "../aws-errors.ts";
import { ConditionFailed, type Documents } from "../documents.ts";
import { createExpression } from "../expression.ts";
import { dataMapOf, textOf } from "../marshal.ts";
import { buildRunUpdate, type RunUpdate, type UpdateContext } from "./run-update.ts";
import { dataSize } from "./trim-info.ts";
import type { RunKey } from "./types.ts";

/** Bytes of log that are kept when an item has grown too large (its limit is 400 KB). */
const LOG_LIMIT = 160 * 1024;

/** Writes events items: one update each, and room made in a log that has grown too long (design 5). */
export interface RunWriter {
  readonly table: string;
  /** @throws {ConditionFailed} */
  write(run: RunKey, update: RunUpdate): Promise<DataMap>;
  context(): UpdateContext;
}

/** What a {@link RunWriter} needs. */
export interface RunWriterOptions {
  readonly table: string;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** EVENT_TTL in seconds; 0 for none. */
  readonly ttl: number;
}

/** A writer for one events table. */
export function createRunWriter(options: RunWriterOptions): RunWriter {
  const { table, documents, clock, redactor, ttl } = options;
  const context = (): UpdateContext => ({ now: clock.now(), ttl, redactor });

  async function write(run: RunKey, update: RunUpdate): Promise<DataMap> {
    const key = { job_id: run.job_id, run_id: run.run_id };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await documents.update(table, key, buildRunUpdate(update, context()));
      } catch (error) {
        if (!isTooLarge(error) || attempt === 5) throw error;
        await shorten(key);
      }
    }
  }

  /** Takes the middle out of a run's log, unless somebody else writes to it at the same time. */
  async function shorten(key: DataMap): Promise<void> {
    const item = await documents.get(table, key);
    const log = item?.["log"];
    if (!Array.isArray(log)) return;
    const expression = createExpression();
    const name = expression.name("log");
    const value = expression.value(shortenLog(log, clock.now()));
    try {
      await documents.update(table, key, {
        update: `SET ${name} = ${value}`,
        condition: `size(${name}) = ${expression.value(log.length)}`,
        expression,
      });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }

  return { table, write, context };
}

/** A log with its head, its tail, and between them an entry that says how many were left out. */
function shortenLog(log: readonly Data[], now: number): Data[] {
  const head: Data[] = [];
  const tail: Data[] = [];
  let size = 0;
  for (let taken = 0; taken < log.length - 1; taken += 1) {
    // Three of four places are the tail's: what happened last matters most.
    const fromHead = taken % 4 === 0;
    const entry = log[fromHead ? head.length : log.length - 1 - tail.length] ?? null;
    size += dataSize(entry);
    if (size > LOG_LIMIT) break;
    if (fromHead) head.push(entry);
    else tail.unshift(entry);
  }
  const left = log.length - head.length - tail.length;
  const before = dataMapOf(log[head.length]);
  const marker = {
    ts_event: textOf(before["ts_event"]) ?? formatLocalTime(now),
    tu_event: textOf(before["tu_event"]) ?? formatUtcTime(now),
    status: "logging",
    info: `... ${left} events left out: the log of this run has outgrown its item ...`,
  };
  return [...head, marker, ...tail];
}

function isTooLarge(error: unknown): boolean {
  return awsErrorCode(error) === "ValidationException" && /item size/i.test(errorText(error));
}
