import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import {
  errorText,
  formatLocalTime,
  LavaError,
  type Logger,
  nullLogger,
  parseDuration,
} from "@lava/core";
import type { Realm } from "@lava/realm";
import { Option } from "commander";
import { collect, parseAssignments } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { openDispatcherLog } from "../scheduler/dispatcher-log.ts";

/** Options of lava-dispatcher (CLI-083 to CLI-092); its lines in crontabs must go on to work (WF-175). */
interface DispatcherOptions {
  readonly profile?: string;
  readonly checkDispatch?: boolean;
  readonly delay: string;
  readonly queue?: string;
  readonly realm?: string;
  readonly worker?: string;
  readonly global?: string[];
  readonly param?: string[];
  readonly colour: boolean;
  readonly color: boolean;
  readonly level: string;
  readonly log?: string;
  readonly logJson?: boolean;
  readonly tag: string;
}

/** `lava-dispatcher`, the original's command; people have `lava dispatch`. */
export const registerDispatcher: Register = (program, context) => {
  program
    .command("dispatcher")
    .description("dispatch jobs, with the options and the log of the original's lava-dispatcher")
    .argument("<job-id...>", "job ids")
    .option("--profile <name>", "AWS profile")
    .option("--check-dispatch", "send nothing while the file NO_DISPATCH exists")
    .option("-d, --delay <duration>", "hold the message back", "0")
    .option("-q, --queue <name>", "name of the queue (default: that of the worker)")
    .option("-r, --realm <name>", "the realm (default: $LAVA_REALM)")
    .option("-w, --worker <name>", "the worker; the job is not looked up then")
    .option("-g, --global <name=value>", "a global; dots nest (repeatable)", collect)
    .option("-p, --param <name=value>", "a parameter, likewise (repeatable)", collect)
    .option("-c, --no-colour", "no colours")
    .addOption(new Option("--no-color", "no colours").hideHelp())
    .option("-l, --level <level>", "least level that is logged", "info")
    .option("--log <target>", "log file, or @facility of syslog (default: standard error)")
    .option("--log-json", "log JSON records")
    .option("--tag <tag>", "tag of log records", "lava-dispatcher")
    .action((jobs: string[], options: DispatcherOptions) => dispatch(jobs, options, context));
};

async function dispatch(
  jobs: readonly string[],
  options: DispatcherOptions,
  context: CliContext,
): Promise<void> {
  const { resolveConfig } = await import("@lava/spec");
  const { awsSettingsFromEnv, createAwsClients, openRealm } = await import("@lava/realm");
  const { env, clock } = context;
  const name = options.realm ?? env["LAVA_REALM"];
  if (name === undefined || name === "") {
    throw new LavaError("BAD_OPTIONS", "Lava realm must be specified", { kind: "usage" });
  }
  const parameters = parseAssignments(options.param, undefined, "-p, --param");
  const globals = parseAssignments(options.global, undefined, "-g, --global");
  const own = resolveConfig({ env });
  const delay = toDelay(options.delay, own.SQS_MAX_DELAY_MINS);
  const logger = await openDispatcherLog({ ...options, realm: name }, context);
  // Before anything is asked of AWS: a node that shuts down may be cut off.
  if (options.checkDispatch === true && isSuppressed(own.NO_DISPATCH, logger)) return;
  await using clients = createAwsClients(
    awsSettingsFromEnv(
      options.profile === undefined ? env : { ...env, AWS_PROFILE: options.profile },
    ),
  );
  const realm = await openRealm(name, { clients, env, clock, logger: nullLogger });
  if (options.checkDispatch === true && isSuppressed(realm.config.NO_DISPATCH, logger)) return;
  for (const job_id of jobs) {
    const fields = { event_type: "dispatch", job_id };
    try {
      const run_id = await send(job_id, { realm, delay, parameters, globals, options });
      logger.info({ ...fields, run_id }, `${job_id}@${name} dispatched (${run_id})`);
    } catch (error) {
      context.exitStatus = 1;
      logger.error(fields, `${job_id}@${name} dispatch failed - ${errorText(error)}`);
    }
  }
}

/** Whether a file says that nothing is to be sent (CLI-090). */
function isSuppressed(file: string, logger: Logger): boolean {
  if (!existsSync(file)) return false;
  logger.warn({ event_type: "dispatch" }, `Dispatch suppressed by presence of ${file}`);
  return true;
}

interface Sending {
  readonly realm: Realm;
  readonly delay: number;
  readonly parameters: ReturnType<typeof parseAssignments>;
  readonly globals: ReturnType<typeof parseAssignments>;
  readonly options: DispatcherOptions;
}

async function send(
  job_id: string,
  { realm, delay, parameters, globals, options }: Sending,
): Promise<string> {
  const run_id = randomUUID();
  const more = {
    ...(parameters === undefined ? {} : { parameters }),
    ...(globals === undefined ? {} : { globals }),
  };
  const { queue, worker: named } = options;
  if (queue === undefined) {
    const worker = named === undefined ? {} : { worker: named };
    await realm.dispatch({ job_id, run_id, delay, ...worker, ...more });
    return run_id;
  }
  const { openWorkerQueue } = await import("@lava/realm");
  const worker = named ?? (await realm.jobs.get(job_id))?.worker;
  if (worker === undefined) {
    throw new LavaError("NO_SUCH_JOB", `${job_id}: No such job`, { retry: "never" });
  }
  const { name, clients, clock, logger } = realm;
  const ts_dispatch = formatLocalTime(clock.now());
  await openWorkerQueue({ name: queue, owner: { realm: name, worker }, clients, logger }).send(
    { realm: name, worker, job_id, run_id, ts_dispatch, ...more },
    { delay },
  );
  return run_id;
}

/** Whole seconds (CLI-087). */
function toDelay(text: string, minutes: number): number {
  let seconds = -1;
  let why = `Must be between 0 and ${minutes} minutes`;
  try {
    seconds = Math.round(parseDuration(text));
  } catch (error) {
    why = errorText(error);
  }
  if (seconds >= 0 && seconds <= minutes * 60) return seconds;
  throw new LavaError("BAD_OPTIONS", `Bad -d, --delay value: ${why}`, { kind: "usage" });
}
