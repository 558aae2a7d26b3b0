import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Option } from "commander";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson } from "../output.ts";
import { EXIT } from "../report-error.ts";
import { openDispatcherLog } from "../scheduler/dispatcher-log.ts";
import { stopRequest, type StopWords } from "../stop/stop-request.ts";

interface StopCommandOptions extends StopWords {
  /** False where the file is to be made. */
  readonly dispatch: boolean;
  readonly realm?: string;
  readonly worker?: string;
  readonly profile?: string;
  readonly level: string;
  readonly log?: string;
  readonly tag: string;
  readonly json?: boolean;
}

/** `lava stop`: the original's `lava-stop` (CLI-172 to CLI-180). */
export const registerStop: Register = (program, context) => {
  program
    .command("stop")
    .description("signal the workers of this host, whatever their realm, and wait for their end")
    .option("-D, --no-dispatch", "make the file NO_DISPATCH, with which nothing more is scheduled")
    .option("--sig, --signal <signal>", "HUP: finish; TERM: stop now; 0: are they there?", "0")
    .option("-w, --wait <duration>", "time to finish after HUP, before TERM and then KILL")
    .option("-r, --realm <name>", "only workers of this realm (LAVA_REALM does not count)")
    .option("--worker <name>", "only this worker")
    .option("--auto-scaling-group-name <name>", "group whose lifecycle action is completed")
    .option("--lifecycle-hook-name <name>", "hook of the action")
    .option("--instance-id <id>", "instance of the action")
    .option("--lifecycle-action-token <uuid>", "the action")
    .option("--lifecycle-heartbeat <duration>", "tell the group so often that we are at work")
    .option("--profile <name>", "AWS profile")
    .option("-c, --no-colour", "no colours")
    .addOption(new Option("--no-color", "no colours").hideHelp())
    .option("-l, --level <level>", "least level that is logged", "info")
    .option("--log <target>", "log file, or @facility of syslog (default: standard error)")
    .option("--tag <tag>", "tag of log records", "lava-stop")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      helpExamples(
        ["lava stop", "which workers are there"],
        ["lava stop --signal HUP -w 10m", "let them finish; status 1 if one had to be killed"],
        ["lava stop --realm dev --worker core --signal TERM", "one of them, now"],
      ),
    )
    .action((options: StopCommandOptions) => stop(options, context));
};

async function stop(options: StopCommandOptions, context: CliContext): Promise<void> {
  const { signal, wait, action, heartbeat } = stopRequest(options);
  const { clock, env } = context;
  const [{ hostWorkers }, { completeLifecycleAction, startHeartbeat }, { stopWorkers }] =
    await Promise.all([
      import("../stop/host-workers.ts"),
      import("../stop/lifecycle.ts"),
      import("../stop/stop-workers.ts"),
    ]);
  const { awsSettingsFromEnv, createAwsClients } = await import("@lava/realm");
  const named = options.profile === undefined ? env : { ...env, AWS_PROFILE: options.profile };
  const log = { ...options, realm: options.realm ?? "", program: "lava-stop" };
  const logger = await openDispatcherLog(log, context);
  await using clients = createAwsClients(awsSettingsFromEnv(named));
  const workers = (await hostWorkers()).filter(
    ({ realm, worker }) =>
      realm === (options.realm ?? realm) && worker === (options.worker ?? worker),
  );
  if (workers.length === 0) logger.info({}, "No lava workers found");
  if (!options.dispatch) {
    const { resolveConfig } = await import("@lava/spec");
    const file = resolveConfig({ env }).NO_DISPATCH;
    logger.info({}, `Creating ${file}`);
    await touch(file, clock.now());
  }
  await using beats = new AsyncDisposableStack();
  if (action !== undefined && heartbeat !== undefined) {
    beats.use(startHeartbeat(action, heartbeat, { clients, clock, logger }));
  }
  const stopped = await stopWorkers(workers, {
    ...{ signal, wait, clock, logger },
    abort: context.signal,
  });
  if (stopped.some((outcome) => outcome === "killed" || outcome === "refused"))
    context.exitStatus = EXIT.failure;
  if (options.json === true) {
    const rows = workers.map(({ realm, worker, pid }, index) => ({
      ...{ realm, worker, pid },
      outcome: stopped[index],
    }));
    printJson(context.stdout, rows);
  }
  if (action !== undefined) {
    logger.info({}, "Completing auto scaling lifecycle action");
    await completeLifecycleAction(action, clients);
  }
}

async function touch(file: string, now: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, "", { flag: "a" });
  await utimes(file, now / 1000, now / 1000);
}
