import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type DataMap, LavaError, errorText, nullLogger, systemClock } from "@lava/core";
import type { EventOrigin } from "@lava/realm";
import { createRenderer } from "@lava/render";
import { stopCancelled } from "./cancellation.ts";
import { startDueSender } from "./due-sender.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { instanceId } from "./instance-id.ts";
import { RunInterrupted } from "./interruption.ts";
import { openTempArea, ownFolder, workerTempDir } from "./job-tmpdir.ts";
import { jumpStart } from "./jump-start.ts";
import { createLeaseKeeper, type LeaseKeeper } from "./lease-keeper.ts";
import type { MessageServices } from "./message-services.ts";
import { cloudWatchMetrics } from "./metrics/cloudwatch.ts";
import { recordSideFailures } from "./metrics/side-failures.ts";
import type { ObservedWorker } from "./observer.ts";
import { sweepOrphans } from "./orphan-containers.ts";
import { createRunPlaces } from "./places.ts";
import type { Plugins } from "./plugins.ts";
import { poll } from "./poll.ts";
import { createRegistry } from "./registry.ts";
import { createGuardFile } from "./renewal/guard-file.ts";
import { startRenewals } from "./renewal/renewals.ts";
import { createRenewer } from "./renewal/renewer.ts";
import { runChildJob } from "./run-child.ts";
import { runMessage } from "./run-message.ts";
import type { RunServices } from "./run-services.ts";
import { createSlots } from "./slots.ts";
import { createSpawner } from "./spawner/spawner.ts";
import { createVisibilityKeeper } from "./visibility-keeper.ts";
import { startWatchdog } from "./watchdog/watchdog.ts";
import { type WorkerEvents, type WorkerState, createWorkerEvents } from "./worker-events.ts";
import type { WorkerOptions } from "./worker-options.ts";
import { waitForJobs } from "./zombie-check.ts";

/**
 * How a worker is stopped: `drain` takes no more work and lets what runs end; with a grace time what still runs
 * after it is stopped and given back; `kill` does so at once.
 */
export type StopMode = "drain" | "kill";

/** A worker at work. */
export interface Worker extends AsyncDisposable {
  readonly state: WorkerState;
  readonly events: WorkerEvents;
  /** Directory of its jobs. */
  readonly folder: string;
  /** Number of jobs that go on. */
  readonly running: number;
  /** Process groups and containers that would be killed at an exit (WK-152). */
  readonly deferredTasks: number;
  /**
   * Stops the worker; resolves when it has stopped. A later call can only be harder.
   *
   * @param graceSeconds For `drain`: how long jobs may go on; for ever by default.
   */
  stop(mode?: StopMode, graceSeconds?: number): Promise<void>;
  /** Settles when the worker has stopped; rejects when its queue cannot be read any more. */
  readonly done: Promise<void>;
}

/** Opens what a worker needs and starts it; it has polled for the first time soon after. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { realm, worker: name, threads = 5, clock = systemClock, logger = nullLogger } = options;
  const events = createWorkerEvents();
  const queue = options.queue ?? realm.queue(name);
  const slots = createSlots(threads);
  const stops = new Map<AbortController, string>();
  const held: MessageServices["held"] = new Map();
  const draining = new AbortController();
  const instance_id = await instanceId();
  const origin: EventOrigin = {
    worker: name,
    hostname: hostname(),
    ...(instance_id === undefined ? {} : { instance_id }),
  };
  const temp =
    options.temp ??
    (await openTempArea(
      ownFolder(workerTempDir(realm.config.TMPDIR, realm.name, name, process.pid)),
      logger,
    ));
  const guard = createGuardFile(temp.folder);
  const { leaseTimes } = realm.runs;
  let drainingSince: number | undefined;
  const leaseInfo = (): DataMap => ({
    slots: threads,
    ...(drainingSince === undefined ? {} : { draining: drainingSince }),
  });
  const watchdog = startWatchdog({
    logger,
    guard,
    ...(options.lastWill === undefined ? {} : { will: options.lastWill }),
    lateSeconds: Math.ceil((leaseTimes.leaseMs / 10 + leaseTimes.skewMs) / 1000) + 1,
  });
  const spawner = createSpawner({ mark: `${watchdog.groups.markPrefix}spawner`, clock });
  const stopRuns = (reason: RunInterrupted, holder?: string): void => {
    for (const [stop, of] of stops) if (holder === undefined || of === holder) stop.abort(reason);
  };
  const renewals = startRenewals({
    data: {
      realm: realm.name,
      worker: name,
      queue: queue.name,
      origin,
      settings: realm.clients.settings,
      times: leaseTimes,
      lookMs: (options.cancelLook ?? 2) * 1000,
      guard: guard.fd,
    },
    logger,
    onNews: (news) => {
      lease.hear(news);
    },
    fallback: (tell) =>
      createRenewer({
        openLease: (process) => realm.runs.lease({ origin, process }),
        extend: (receipt, seconds) => queue.extend(receipt, seconds),
        guard,
        monotonic: () => clock.monotonic?.() ?? clock.now(),
        lookMs: (options.cancelLook ?? 2) * 1000,
        tell,
      }),
  });
  const lease: LeaseKeeper = createLeaseKeeper({
    newLease: () =>
      realm.runs.lease({
        origin,
        process: randomUUID(),
        pid: process.pid,
        info: leaseInfo(),
      }),
    clock,
    logger,
    guard,
    renewals,
    watchdog,
    onCancels: (holder) => {
      const runs = [...held].filter(([, run]) => run.holder === holder);
      stopCancelled(runs, realm).catch((error: unknown) => {
        logger.warn({ event_type: "worker", error: errorText(error) }, "Cancels were not read");
      });
    },
    onLost: (holder) => {
      events.emit("lease_lost", { holder });
      stopRuns(new RunInterrupted("lost", "lease_lost", `The lease of ${holder} was lost`), holder);
    },
  });
  const due = startDueSender({
    realm,
    worker: name,
    queue,
    clock,
    logger,
    signal: draining.signal,
  });
  const services: MessageServices = {
    realm,
    worker: name,
    origin,
    clock,
    logger,
    renderer: createRenderer(),
    registry: createRegistry(options.plugins),
    groups: watchdog.groups,
    spawner,
    watchdog,
    containers: watchdog.containers,
    events,
    devMode: options.devMode ?? false,
    sinks: options.sinks ?? { stdout: process.stdout, stderr: process.stderr },
    env: options.env,
    killGraceMs: (options.killGrace ?? 2) * 1000,
    batchMs: options.batchMs ?? 50,
    tempFullDelay: options.tempFullDelay ?? 60,
    longWait: options.longWait ?? options.visibility ?? 60,
    random: Math.random,
    draining: draining.signal,
    connectionCommand: options.connectionCommand ?? connectionCommand(options.plugins?.connectors),
    runChild: runChildJob,
    places: createRunPlaces(realm, { clock, logger, random: Math.random }),
    due,
    queue,
    lease,
    visibility: createVisibilityKeeper({
      queue,
      renewals,
      seconds: options.visibility ?? 60,
      logger,
    }),
    temp,
    retries: options.retries ?? 2,
    stops,
    held,
    messageLimit: options.messageLimit ?? 11.5 * 3600,
    copyDelay: options.copyDelay ?? 900,
  };

  const observed: ObservedWorker = {
    ...{ realm, worker: name, origin, events, clock, logger, slots: threads },
    running: () => stops.size,
    folder: temp.folder,
  };
  const observers = [
    recordSideFailures,
    cloudWatchMetrics(options.env),
    ...(options.observers ?? []),
  ].map((observe) => observe(observed));
  let state: WorkerState = "starting";
  const enter = (next: WorkerState): void => {
    state = next;
    events.emit("state", { state });
  };
  const drain = (): void => {
    if (draining.signal.aborted) return;
    draining.abort(new LavaError("WORKER_STOPPING", `Worker ${name} is stopping`));
    drainingSince = clock.now();
    enter("draining");
    void lease.tell(leaseInfo());
  };
  const heartbeat = new AbortController();
  const beats =
    options.heartbeat === undefined || options.heartbeat === 0
      ? Promise.resolve()
      : startHeartbeat({
          realm: realm.name,
          worker: name,
          queue,
          period: options.heartbeat,
          slots: threads,
          metrics: realm.config.CW_METRICS_WORKER,
          folder: temp.folder,
          file: realm.config.HEARTBEAT_FILE ?? "",
          deferredTasks: () => watchdog.groups.list().length + watchdog.containers.list().length,
          clock,
          logger,
          signal: heartbeat.signal,
        });
  const work = async (): Promise<void> => {
    if (realm.config.FLEET === "mixed" && realm.config.ON_FAIL_DISCARDED) {
      logger.warn(
        { event_type: "worker" },
        "ON_FAIL_DISCARDED has no effect while Python workers may serve the realm (FLEET is mixed)",
      );
    }
    if (options.jumpStart === true) await jumpStart(realm, name, queue, logger);
    logger.info({ event_type: "worker" }, `Worker ready - realm: ${realm.name}  worker: ${name}`);
    enter("running");
    void sweepOrphans({ realm, worker: name, env: options.env, logger, signal: draining.signal });
    await poll({
      queue,
      slots,
      visibility: services.visibility,
      signal: draining.signal,
      wait: options.wait ?? 10,
      batch: options.batch ?? false,
      clock,
      logger,
      events,
      random: Math.random,
      handle: (message, wasShort, slot) => runMessage(message, wasShort, slot, services),
    });
    if (!draining.signal.aborted) {
      logger.info({ event_type: "worker" }, "No more messages in batch -- finishing");
    }
  };
  const close = async (): Promise<void> => {
    drain();
    const say = (text: string): void => logger.info({ event_type: "worker" }, text);
    say("Waiting for worker threads to complete their work before finishing");
    const areAllEnded = await waitForJobs({
      idle: slots.idle(),
      folder: temp.folder,
      check: realm.config.CHECK_FOR_ZOMBIES,
      clock,
      logger,
    });
    if (areAllEnded) say("Worker threads completed normally");
    await due.done;
    heartbeat.abort();
    await beats;
    // Those that the first one hears of come after it.
    for (const observer of observers.toReversed()) await observer[Symbol.asyncDispose]();
    await lease[Symbol.asyncDispose]();
    await spawner[Symbol.asyncDispose]();
    await Promise.all([renewals[Symbol.asyncDispose](), watchdog[Symbol.asyncDispose]()]);
    guard.close();
    await temp.remove();
    say("Finishing");
    enter("stopped");
  };
  const run = async (): Promise<void> => {
    try {
      await work();
    } finally {
      await close();
    }
  };
  const done = run();
  // Who does not wait for `done` is told by the log.
  done.catch((error: unknown) => {
    logger.error({ event_type: "worker" }, errorText(error));
  });

  const ended = done.catch(() => undefined);
  const stop = async (mode: StopMode = "drain", graceSeconds?: number): Promise<void> => {
    drain();
    const interrupt = (): void => {
      stopRuns(new RunInterrupted("released", "worker_stopping", "Worker is stopping"));
    };
    if (mode === "kill") interrupt();
    else if (graceSeconds !== undefined) {
      const timer = setTimeout(interrupt, graceSeconds * 1000);
      void ended.then(() => {
        clearTimeout(timer);
      });
    }
    await ended;
  };
  return {
    get state() {
      return state;
    },
    events,
    folder: temp.folder,
    get running() {
      return stops.size;
    },
    get deferredTasks() {
      return watchdog.groups.list().length + watchdog.containers.list().length;
    },
    stop,
    done,
    [Symbol.asyncDispose]: () => stop("kill"),
  };
}

/** Connectors are loaded when the first job asks for a connection. */
function connectionCommand(
  connectors: Plugins["connectors"] = [],
): RunServices["connectionCommand"] {
  return async (conn_id, workdir, { realm, job, env }) => {
    const { connectCli } = await import("@lava/connectors");
    return connectCli(conn_id, { realm, workdir, job_id: job.job_id, env, connectors });
  };
}
