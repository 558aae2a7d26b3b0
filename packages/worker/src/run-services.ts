import type { Clock, Logger } from "@lava/core";
import type { EventOrigin, Realm } from "@lava/realm";
import type { Renderer } from "@lava/render";
import type { StoredJob } from "@lava/spec";
import type { ContainerGuard } from "./container-guard.ts";
import type { ChildOptions, JobContext, JobResult } from "./handler.ts";
import type { OutputSinks } from "./output-sinks.ts";
import type { ProcessGroups } from "./process-groups.ts";
import type { Registry } from "./registry.ts";
import type { RunInput } from "./run-input.ts";
import type { Spawner } from "./spawner/spawner.ts";
import type { WorkerEvents } from "./worker-events.ts";

/** Where a child comes from. */
export interface ChildOrigin {
  readonly context: JobContext;
  readonly input: RunInput;
  readonly services: RunServices;
  readonly path: string;
  readonly work: string;
  /** Number of the child among those of its job in this attempt, or of the iteration of a foreach. */
  readonly number: number;
  /** How many children of this attempt are under way. */
  readonly active: { count: number };
}

/** What every run of a worker shares. */
export interface RunServices {
  readonly realm: Realm;
  readonly worker: string;
  readonly origin: EventOrigin;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly renderer: Renderer;
  readonly registry: Registry;
  readonly groups: ProcessGroups;
  readonly spawner: Pick<Spawner, "start">;
  readonly containers: ContainerGuard;
  readonly events: WorkerEvents;
  readonly devMode: boolean;
  readonly sinks: OutputSinks;
  /** The worker's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds between TERM and KILL of a job's processes. */
  readonly killGraceMs: number;
  /** Seconds before a run is tried again that found the temp area full. */
  readonly tempFullDelay: number;
  /** Queued events wait so long, in ms, for the next one to be written with them. */
  readonly batchMs: number;
  /** Seconds from which on a wait between attempts gives the run back, rather than to go on in this process. */
  readonly longWait: number;
  /** 0 to 1, for the jitter of waits. */
  readonly random: () => number;
  /** Aborts when the worker stops taking work: waits between attempts end then. */
  readonly draining: AbortSignal;
  /** Makes the command-line wrapper of a connection in a directory; its path (WK-126). */
  readonly connectionCommand: (
    conn_id: string,
    workdir: string,
    context: Pick<JobContext, "env" | "job" | "realm">,
  ) => Promise<string>;
  /** Runs a child of a chain, dag or foreach to its end. */
  readonly runChild: (
    child: StoredJob,
    options: ChildOptions,
    origin: ChildOrigin,
  ) => Promise<JobResult>;
}
