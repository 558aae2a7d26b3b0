import { type Clock, LavaError, type Logger, errorText } from "@lava/core";
import type { ClaimedRun, ExtraAttributes, RunEvent, RunKey } from "@lava/realm";
import type { EventStatus } from "@lava/spec";
import { RunInterrupted } from "./interruption.ts";
import { isTransient } from "./transient.ts";
import type { WorkerEvents } from "./worker-events.ts";

/** Where the events of a run go: its own claimed item, or the item of a child under its run id. */
export interface EventTarget {
  append(events: readonly RunEvent[], extra?: ExtraAttributes): Promise<void>;
  finish(
    event: RunEvent,
    before: readonly RunEvent[],
    hasActions: boolean,
    extra?: ExtraAttributes,
  ): Promise<void>;
  settle(failed?: RunEvent): Promise<void>;
  noteAction(key: string): Promise<void>;
}

/** Writes events of one run in order, as few updates as they need. */
export interface RunRecorder {
  /** Queues an event; it is written soon, or together with the next one. */
  note(event: RunEvent): void;
  /** Queues an event that must not be the last one of the item: it is written with the next one only. */
  hold(event: RunEvent): void;
  /** Writes an event, and all before it. */
  append(event: RunEvent, extra?: ExtraAttributes): Promise<void>;
  /** Writes the event that ends the run; {@link settle} must follow when `hasActions`. */
  finish(event: RunEvent, hasActions: boolean, extra?: ExtraAttributes): Promise<void>;
  settle(failed?: RunEvent): Promise<void>;
  noteAction(key: string): Promise<void>;
  /** The status with which the run ended, once that is written. */
  readonly ended: EventStatus | undefined;
}

/** Options of {@link createRunRecorder}. */
export interface RunRecorderOptions {
  readonly target: EventTarget;
  readonly run: RunKey;
  /** Of a child: its place below the run. */
  readonly path?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: WorkerEvents;
  /** Whether the run is still ours; writes are repeated while it is. */
  readonly isLive: () => boolean;
  /** Queued events wait so long for company. */
  readonly batchMs: number;
}

/** A recorder over `target`. */
export function createRunRecorder(options: RunRecorderOptions): RunRecorder {
  const { target, run, clock, logger, events } = options;
  let queued: RunEvent[] = [];
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let ended: EventStatus | undefined;

  const stamp = (event: RunEvent): RunEvent => {
    events.emit("event", {
      ...run,
      path: options.path ?? "",
      status: event.status,
      info: event.info ?? null,
    });
    return { ...event, time: event.time ?? clock.now() };
  };
  /** Takes what is queued, once what is being written is done. */
  const flushed = async (): Promise<RunEvent[]> => {
    clearTimeout(timer);
    timer = undefined;
    await writing;
    const before = queued;
    queued = [];
    return before;
  };
  /** A store that is away for a moment must not fail a job: tries again while the run is ours. */
  const persist = async (write: () => Promise<void>): Promise<void> => {
    for (let wait = 100; ; wait = Math.min(wait * 2, 5000)) {
      try {
        await write();
        return;
      } catch (error) {
        if (error instanceof LavaError && error.code === "RUN_LOST") {
          throw new RunInterrupted("lost", "lost", `Run ${run.run_id} of ${run.job_id} was lost`, {
            cause: error,
          });
        }
        if (!isTransient(error)) throw error;
        if (!options.isLive()) {
          throw new RunInterrupted("lost", "lost", `Events could not be written in time`, {
            cause: error,
          });
        }
        logger.warn(
          { event_type: "worker", ...run, error: errorText(error) },
          `Could not log to the events table, trying again: ${errorText(error)}`,
        );
        await clock.sleep(wait);
      }
    }
  };
  const writeQueued = (): void => {
    timer = undefined;
    const batch = queued;
    if (batch.length === 0) return;
    queued = [];
    writing = writing.then(async () => {
      try {
        await target.append(batch);
      } catch (error) {
        logger.debug({ ...run, error: errorText(error) }, "events are kept for the next update");
        queued.unshift(...batch);
      }
    });
  };

  return {
    note(event) {
      queued.push(stamp(event));
      timer ??= setTimeout(writeQueued, options.batchMs);
    },
    hold(event) {
      queued.push(stamp(event));
    },
    async append(event, extra) {
      const stamped = stamp(event);
      const before = await flushed();
      await persist(() => target.append([...before, stamped], extra));
    },
    async finish(event, hasActions, extra) {
      const stamped = stamp(event);
      const before = await flushed();
      await persist(() => target.finish(stamped, before, hasActions, extra));
      ended = event.status;
    },
    async settle(failed) {
      const stamped = failed === undefined ? undefined : stamp(failed);
      await persist(() => target.settle(stamped));
      if (failed !== undefined && ended === "complete") ended = failed.status;
    },
    noteAction: (key) => persist(() => target.noteAction(key)),
    get ended() {
      return ended;
    },
  };
}

/** Events of a run that was claimed; every write is fenced. */
export function claimedTarget(run: ClaimedRun, isLive: () => boolean): EventTarget {
  /** Once the lease is over the watchdog has killed the payload: its failure says nothing about the job. */
  const doubt = (events: readonly RunEvent[]): void => {
    const isBad = events.some(({ status }) => status === "failed" || status === "retrying");
    if (!isBad || isLive()) return;
    throw new RunInterrupted("lost", "lease_lost", `The lease of ${run.holder} was lost`);
  };
  return {
    async append(events, extra) {
      doubt(events);
      await run.append(events, extra);
    },
    async finish(event, before, hasActions, extra) {
      doubt([event]);
      await run.finish(event, {
        before,
        actions: hasActions,
        ...(extra === undefined ? {} : { extra }),
      });
    },
    settle: (failed) => run.settle(failed === undefined ? undefined : [failed]),
    noteAction: (key) => run.noteAction(key, "done"),
  };
}
