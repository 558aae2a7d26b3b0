import type { Clock, Logger } from "@lava/core";
import type { Realm, WorkerQueue } from "@lava/realm";
import type { TempArea } from "./job-tmpdir.ts";
import type { WorkerObserver } from "./observer.ts";
import type { OutputSinks } from "./output-sinks.ts";
import type { Plugins } from "./plugins.ts";
import type { RunServices } from "./run-services.ts";
import type { WillProgram } from "./watchdog/watchdog.ts";

/** Options of {@link startWorker}. */
export interface WorkerOptions {
  readonly realm: Realm;
  readonly worker: string;
  /** Another queue than `lava-<realm>-<worker>`; its messages must name this worker all the same (WK-001). */
  readonly queue?: WorkerQueue;
  /** Jobs at the same time; 5 by default (WK-002). */
  readonly threads?: number;
  /** Seconds of a long poll; 10 by default (WK-003). */
  readonly wait?: number;
  /** A message received more often than this plus one is rejected; 2 by default, negative: no limit (WK-005). */
  readonly retries?: number;
  /** Seconds between heartbeat records; 0 (default) for none. */
  readonly heartbeat?: number;
  /** Stop once the queue is empty (WK-007). */
  readonly batch?: boolean;
  /** Dispatch the enabled lavasched jobs of this worker first (WK-160). */
  readonly jumpStart?: boolean;
  readonly devMode?: boolean;
  readonly sinks?: OutputSinks;
  /** Environment of jobs, and where `LAVA_PYTHONPATH` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly plugins?: Plugins;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Seconds for which a message stays hidden between two extensions; 60 by default. */
  readonly visibility?: number;
  /** Seconds between TERM and KILL for a job that is stopped; 2 by default. */
  readonly killGrace?: number;
  /** Milliseconds for which an event waits to be written with the next one; 50 by default. */
  readonly batchMs?: number;
  /**
   * Seconds from which on a wait between two tries gives the run back to the queue, rather than to go on in this
   * process; as long as `visibility` by default.
   */
  readonly longWait?: number;
  /** Seconds before a run is tried again that found the temp area full; 60 by default. */
  readonly tempFullDelay?: number;
  /** Seconds after which the message of a long run is replaced; 11.5 hours by default (SQS ends at 12). */
  readonly messageLimit?: number;
  /** Seconds before the fresh copy of such a message may be received; 900 by default. */
  readonly copyDelay?: number;
  /** Seconds between two looks for runs to be cancelled, while there are runs; 2 by default. */
  readonly cancelLook?: number;
  /** A program that executes the {@link LastWill} of this process, should it die or freeze. */
  readonly lastWill?: WillProgram;
  /** Replaces the directories below TMPDIR. */
  readonly temp?: TempArea;
  /** Listeners beside CloudWatch's: Prometheus, traces, an application's own. */
  readonly observers?: readonly WorkerObserver[];
  /** See {@link RunServices.connectionCommand}. */
  readonly connectionCommand?: RunServices["connectionCommand"];
}
