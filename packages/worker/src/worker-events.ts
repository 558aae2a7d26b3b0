import { EventEmitter } from "node:events";
import type { Data } from "@lava/core";
import type { EventStatus } from "@lava/spec";

/** `starting` until the first poll, `running`, `draining` once a stop was asked for, `stopped`. */
export type WorkerState = "starting" | "running" | "draining" | "stopped";

/** What names a run in events. */
export interface RunReference {
  readonly job_id: string;
  readonly run_id: string;
}

/** Everything that listeners (metrics, tests, user interfaces) can hear of a worker. */
export interface WorkerEventMap {
  /** The worker entered a state. */
  state: [{ readonly state: WorkerState }];
  /** A message was received. */
  message: [{ readonly message_id: string; readonly receives: number }];
  /** What became of a message; exactly once for each that was received. */
  settled: [
    {
      readonly message_id: string;
      readonly how: "deleted" | "given_back" | "left";
    } & Partial<RunReference>,
  ];
  /** A run was claimed; `epoch` above 1 means that another process had it before. */
  claimed: [RunReference & { readonly epoch: number; readonly attempt: number }];
  /** An event was written, of a run or of a child under its run id. */
  event: [
    RunReference & {
      /** As in `began`: empty for the run itself. */
      readonly path?: string;
      readonly status: EventStatus;
      readonly info: unknown;
    },
  ];
  /** A run ended; `seconds` since its start. */
  finished: [RunReference & { readonly status: EventStatus; readonly seconds: number }];
  /** The work of a run, or of a child of one (`path` tells them apart), begins; `isFirst` unless it was begun before. */
  began: [
    RunReference & {
      readonly path: string;
      readonly type: string;
      /** Milliseconds. */
      readonly ts_dispatch: number;
      /** Milliseconds, whole seconds. */
      readonly ts_start: number;
      readonly isFirst: boolean;
      /** What the job's record says. */
      readonly cw_metrics: Data | undefined;
    },
  ];
  /** The work of a run or a child has ended, its retries included; `seconds` since its start. */
  ended: [
    RunReference & {
      readonly path: string;
      readonly type: string;
      /** Milliseconds. */
      readonly ts_dispatch: number;
      /** Of whole seconds since the start, as the original measures it. */
      readonly seconds: number;
      /** Seconds, as long as it really took here. */
      readonly took: number;
      readonly isFailed: boolean;
      /** Why it failed, secrets masked. */
      readonly error?: string;
      readonly cw_metrics: Data | undefined;
    },
  ];
  /** Something beside the runs failed: metrics, a heartbeat. No run is affected. */
  side_failed: [{ readonly channel: string; readonly reason: string; readonly text: string }];
  /** A run stopped without an end: given back, lost or killed. */
  interrupted: [RunReference & { readonly kind: string; readonly reason: string }];
  /** The lease of this process was lost; its runs were stopped. */
  lease_lost: [{ readonly holder: string }];
  /** A receive failed; the next one comes after `delayMs`. */
  poll_failed: [{ readonly error: unknown; readonly delayMs: number }];
}

/** The typed emitter of a worker. */
export type WorkerEvents = EventEmitter<WorkerEventMap>;

/** An emitter without a limit on listeners. */
export function createWorkerEvents(): WorkerEvents {
  const events: WorkerEvents = new EventEmitter();
  events.setMaxListeners(0);
  return events;
}
