import { hostname } from "node:os";
import { text as readAll } from "node:stream/consumers";
import { setFlagsFromString } from "node:v8";
import { type Clock, createRedactor, LavaError, parseDuration, systemClock } from "@lava/core";
import {
  awsSettingsFromEnv,
  createAwsClients,
  openRealm,
  openWorkerQueue,
  type Realm,
} from "@lava/realm";
import {
  createPrometheusMetrics,
  createRunTracker,
  executeLastWill,
  loadPlugins,
  pluginNames,
  startWorker,
  type WillProgram,
  type Worker,
} from "@lava/worker";
import { type CommandLine, type Environment, parseCommandLine } from "./command-line.ts";
import { startControlServer } from "./control-server.ts";
import { reportToStarter, startDaemon } from "./daemon.ts";
import { describeWorker } from "./describe-worker.ts";
import { toLogger } from "./logger.ts";
import { pidFileName, takePidFile } from "./pid-file.ts";
import { handleSignals } from "./signals.ts";
import { startTracing } from "./tracing.ts";
import { VERSION } from "./version.ts";

/** What a worker process is given by its main program. */
export interface WorkerIo {
  readonly env: Environment;
  readonly stdin?: NodeJS.ReadableStream;
  readonly stdout?: { write(text: string): unknown };
  readonly stderr?: NodeJS.WritableStream & { isTTY?: boolean };
  /** Called when the worker is about to poll. */
  readonly onReady?: (worker: Worker) => void;
  readonly clock?: Clock;
}

/**
 * Runs a worker until it is stopped: the command `lava-worker`.
 *
 * @returns the exit status: 0 after an orderly end, 143 when jobs were stopped (WK-012)
 * @throws {LavaError} for whoever shows errors; `kind` usage for a wrong command line
 */
export async function workerMain(argv: readonly string[], io: WorkerIo): Promise<number> {
  // Before all else: without a listener Node.js opens its inspector at this signal.
  const ignore = (): void => undefined;
  process.on("SIGUSR1", ignore);
  // A terminal that closes while a daemon starts must not end it (OPS-132).
  if (argv.includes("--daemon-child")) process.on("SIGHUP", ignore);
  try {
    const parsed = parseCommandLine(argv, io.env, VERSION);
    if (parsed.kind === "print") {
      (io.stdout ?? process.stdout).write(parsed.text);
      return 0;
    }
    const { options } = parsed;
    if (!options.root && process.geteuid?.() === 0) {
      throw new LavaError("RUNS_AS_ROOT", "You should not run the lava worker as root", {
        hint: "Start it as another user, or say --root.",
      });
    }
    if (options.lastWill) {
      await lastWill(options, io);
      return 0;
    }
    if (options.daemon && !options.daemonChild) {
      const pid = await startDaemon(io.env);
      (io.stderr ?? process.stderr).write(`${pid}\n`);
      return 0;
    }
    return await run(options, io);
  } catch (error) {
    if (argv.includes("--daemon-child")) {
      await reportToStarter({ error: error instanceof Error ? error.message : String(error) });
    }
    throw error;
  } finally {
    process.off("SIGUSR1", ignore);
    process.off("SIGHUP", ignore);
  }
}

async function run(options: CommandLine, io: WorkerIo): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const clock = io.clock ?? systemClock;
  const redactor = createRedactor();
  const logger = toLogger(options, io.stderr ?? process.stderr, clock, redactor);
  if (options.daemonChild) {
    const name = pidFileName(options.realm, options.worker, options.index);
    stack.defer(takePidFile(process.cwd(), name, process.pid));
  }
  const env = envOf(options, io);
  const clients = stack.use(createAwsClients(awsSettingsFromEnv(env)));
  const realm = await openRealm(options.realm, { clients, env, clock, logger, redactor });
  const plugins = await loadPlugins(pluginNames(realm.config.PLUGIN_PATH), {
    from: process.cwd(),
  });
  const tracker = createRunTracker();
  const metrics = createPrometheusMetrics();
  const tracing = stack.use(await startTracing(realm.config, { from: process.cwd(), logger }));
  const observers = [tracker.observer, metrics.observer, ...tracing.observers];
  const worker = await startWorker({
    realm,
    worker: options.worker,
    ...(options.queue === undefined ? {} : { queue: otherQueue(options.queue, realm, options) }),
    threads: options.threads,
    wait: options.wait,
    retries: options.retries,
    heartbeat: options.heartbeat,
    batch: options.batch,
    jumpStart: options.jumpStart,
    devMode: options.dev,
    env: io.env,
    lastWill: ownProgram(io.env),
    plugins,
    observers,
    logger,
    clock,
  });
  await using _control = await startControlServer({
    tracker,
    metrics,
    folder: worker.folder,
    port: realm.config.METRICS_PORT === 0 ? undefined : realm.config.METRICS_PORT,
    bind: realm.config.METRICS_BIND,
    logger,
  }).catch(async (error: unknown) => {
    await worker.stop("kill");
    throw error;
  });
  const signals = handleSignals({
    worker,
    logger,
    graceSeconds: parseDuration(realm.config.STOP_WAIT),
    describe: () => {
      describeWorker({ worker, realm, threads: options.threads, tracker, logger });
    },
    exitNow: () => process.exit(143),
  });
  // Who starts a worker may have held the heap small until here; V8 reads it whenever it may grow, and 2 is its default.
  setFlagsFromString("--semi-space-growth-factor=2");
  try {
    io.onReady?.(worker);
    if (options.daemonChild) await reportToStarter({ ready: process.pid });
    await worker.done;
    return signals.isForced() ? 143 : 0;
  } finally {
    signals.release();
  }
}

/** This command once more, to be started by the watchdog for the runs that this process leaves behind. */
function ownProgram(env: Environment): WillProgram {
  const [command = process.execPath, ...args] = process.argv;
  return { command, args: [...process.execArgv, ...args, "--last-will"], env };
}

/** The environment with the profile and the region of the command line; the keys in it are not those of a profile. */
function envOf({ profile, region }: CommandLine, { env }: WorkerIo): Environment {
  return {
    ...env,
    ...(profile === undefined
      ? {}
      : {
          AWS_PROFILE: profile,
          AWS_ACCESS_KEY_ID: undefined,
          AWS_SECRET_ACCESS_KEY: undefined,
          AWS_SESSION_TOKEN: undefined,
        }),
    ...(region === undefined ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
  };
}

/** The runs of a worker process that was lost go to others: what is to be done comes on standard input. */
async function lastWill(options: CommandLine, io: WorkerIo): Promise<void> {
  const clock = io.clock ?? systemClock;
  const redactor = createRedactor();
  const logger = toLogger(options, io.stderr ?? process.stderr, clock, redactor);
  const env = envOf(options, io);
  await using clients = createAwsClients(awsSettingsFromEnv(env));
  const [text, realm] = await Promise.all([
    readAll(io.stdin ?? process.stdin),
    openRealm(options.realm, { clients, env, clock, logger, redactor }),
  ]);
  await executeLastWill(text, {
    realm,
    queue:
      options.queue === undefined
        ? realm.queue(options.worker)
        : otherQueue(options.queue, realm, options),
    origin: { worker: options.worker, hostname: hostname() },
    logger,
  });
}

/** `--queue`: another name; messages are still checked (WK-001). */
function otherQueue(name: string, realm: Realm, { worker }: CommandLine) {
  const { clients, logger } = realm;
  return openWorkerQueue({ name, owner: { realm: realm.name, worker }, clients, logger });
}
