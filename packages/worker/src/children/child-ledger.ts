import { type Clock, errorText, LavaError, type Logger } from "@lava/core";
import type {
  ChildRecord,
  ChildStore,
  EventOrigin,
  EventStore,
  ExtraAttributes,
  RunEvent,
  RunKey,
} from "@lava/realm";
import type { EventTarget } from "../run-recorder.ts";

/** What is known of the children of one run: written behind the children's backs, a few writes for many. */
export interface ChildLedger {
  /** Records how a child of `parent` stands; the latest word counts. */
  note(parent: string, child: ChildRecord): void;
  /** Where the events of a child go (JOB-all-05). Its writes are queued: they cannot fail it. */
  target(child: ChildEvents): EventTarget;
  /** Resolves when all is written, or has been given up: then says so in the log. */
  flush(): Promise<void>;
}

/** What the item of a child says of it, beside its events. */
export interface ChildEvents {
  readonly job_id: string;
  readonly ts_dispatch: string;
  /** The job that runs it. */
  readonly parent: string;
  /** Its own id in the run. */
  readonly id: string;
  /** Where its outputs are. */
  readonly log: string;
  /** Milliseconds. */
  readonly started: number;
}

/** Options of {@link createChildLedger}. */
export interface ChildLedgerOptions {
  readonly run_id: string;
  readonly epoch: number;
  readonly children: Pick<ChildStore, "write">;
  readonly events: Pick<EventStore, "append">;
  readonly origin: EventOrigin;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether the run is ours at this moment: a write that fails is not repeated for long when it is not. */
  readonly isLive: () => boolean;
  /** Whether another worker has the run: nothing more is written. */
  readonly isLost: () => boolean;
  /** Milliseconds for which the first event of a child waits for company. */
  readonly batchMs: number;
}

/** Milliseconds for which records of children are gathered. */
const GATHER_MS = 1000;

/** Records in one item: far from the 400 KB at which it would end. */
const MOST_RECORDS = 400;

/** An item that many iterations write to is rewritten as a whole each time: so rarely, in ms, for each entry in it. */
const MS_AN_ENTRY = 3;

/** No longer than this, in ms, is an event kept back. */
const MOST_MS = 2000;

interface Pending {
  readonly run: RunKey;
  readonly ts_dispatch: string;
  events: RunEvent[];
  extra: ExtraAttributes;
  entries: number;
  timer: NodeJS.Timeout | undefined;
  writing: Promise<void>;
}

/** A ledger for the children of one run, at any depth. */
export function createChildLedger(options: ChildLedgerOptions): ChildLedger {
  const { run_id, clock, logger } = options;
  const items = new Map<string, Pending>();
  /** Changed records by parent, then by child. */
  let changed = new Map<string, Map<string, ChildRecord>>();
  let timer: NodeJS.Timeout | undefined;
  let recording: Promise<void> = Promise.resolve();
  let part = 0;

  /** Tries again for some seconds; then it is told, and the children are as well off without. */
  async function persist(what: string, write: () => Promise<void>): Promise<void> {
    for (let wait = 100; !options.isLost(); wait *= 3) {
      try {
        // Also when the lease has just ended: what is written late is refused if others have the run by then.
        await write();
        return;
      } catch (error) {
        if (error instanceof LavaError && error.code === "RUN_LOST") return;
        const fields = { event_type: "worker", run_id, error: errorText(error) };
        if (wait > 3000 || !options.isLive()) {
          logger.error(fields, `${what} could not be written: ${errorText(error)}`);
          return;
        }
        logger.warn(fields, `${what} could not be written, trying again: ${errorText(error)}`);
        await clock.sleep(wait);
      }
    }
  }

  function writeEvents(item: Pending): void {
    clearTimeout(item.timer);
    item.timer = undefined;
    const { events, extra } = item;
    if (events.length === 0) return;
    item.events = [];
    item.extra = {};
    item.entries += events.length;
    item.writing = item.writing.then(() =>
      persist(`Events of child ${item.run.job_id}`, () =>
        options.events.append(item.run, events, {
          origin: options.origin,
          ts_dispatch: item.ts_dispatch,
          extra,
          parentEpoch: options.epoch,
        }),
      ),
    );
  }

  function add(item: Pending, events: readonly RunEvent[], extra: ExtraAttributes = {}): void {
    item.events.push(...events);
    item.extra = { ...item.extra, ...extra };
    const wait = Math.min(MOST_MS, options.batchMs + item.entries * MS_AN_ENTRY);
    item.timer ??= setTimeout(() => {
      writeEvents(item);
    }, wait);
  }

  function writeRecords(): void {
    clearTimeout(timer);
    timer = undefined;
    const batch = changed;
    changed = new Map();
    for (const [parent, records] of batch) {
      const all = [...records.values()];
      for (let first = 0; first < all.length; first += MOST_RECORDS) {
        part += 1;
        const name = `${digits(options.epoch)}-${digits(part)}`;
        const some = all.slice(first, first + MOST_RECORDS);
        recording = recording.then(() =>
          persist(`Children of ${parent}`, () =>
            options.children.write({ job_id: parent, run_id }, name, some, options.origin),
          ),
        );
      }
    }
  }

  return {
    note(parent, child) {
      const records = changed.get(parent) ?? new Map<string, ChildRecord>();
      changed.set(parent, records);
      records.delete(child.id);
      records.set(child.id, child);
      timer ??= setTimeout(writeRecords, GATHER_MS);
    },
    target(child) {
      const { job_id, ts_dispatch } = child;
      let item = items.get(job_id);
      if (item === undefined) {
        const run = { job_id, run_id };
        const writing = Promise.resolve();
        item = { run, ts_dispatch, events: [], extra: {}, entries: 0, timer: undefined, writing };
        items.set(job_id, item);
      }
      return targetOf(item, child);
    },
    async flush() {
      if (items.size === 0 && changed.size === 0) return;
      for (const item of items.values()) writeEvents(item);
      writeRecords();
      await Promise.all([recording, ...[...items.values()].map(({ writing }) => writing)]);
    },
  };

  function targetOf(item: Pending, { parent, id, log, started }: ChildEvents): EventTarget {
    const x_child = { parent, id, log };
    let isComplete = false;
    return {
      append(events, extra) {
        add(item, events, { x_child, ...extra });
        return Promise.resolve();
      },
      finish(event, before, _hasActions, extra) {
        const seconds = (clock.now() - started) / 1000;
        isComplete = event.status === "complete";
        add(item, [...before, event], { x_child: { ...x_child, seconds }, ...extra });
        return Promise.resolve();
      },
      settle(failed) {
        // What failed keeps its own reason.
        if (failed !== undefined)
          add(item, [failed], isComplete ? { x_reason: "action_failed" } : {});
        return Promise.resolve();
      },
      noteAction: () => Promise.resolve(),
    };
  }
}

/** Six digits, so that text sorts as numbers. */
function digits(value: number): string {
  return String(value).padStart(6, "0");
}
