import { InvalidArgumentError } from "commander";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { duration } from "../option-values.ts";
import { addRealmOptions, findRealm, type RealmOptions } from "../realm-access.ts";

interface SchedulerOptions extends RealmOptions {
  readonly dispatcher?: string[];
  readonly cron?: boolean;
  readonly zone: Record<string, string>;
  readonly refresh?: number;
  readonly level: string;
  readonly log?: string;
  readonly logJson?: boolean;
  readonly tag: string;
}

/** `lava scheduler`. */
export const registerScheduler: Register = (program, context) => {
  addRealmOptions(
    program
      .command("scheduler")
      .description("run a scheduler: several may run, one of them dispatches")
      .option(
        "--dispatcher <name>",
        "only jobs of this dispatcher (repeatable; default: all that no enabled lavasched job has)",
        (name: string, others: string[] | undefined) => [...(others ?? []), name],
      )
      .option("--cron", "also dispatchers that a lavasched job writes to a crontab")
      .option(
        "--zone <zone>",
        "zone of all dispatchers, or of one: main=Australia/Sydney (repeatable)",
        toZones,
        {},
      )
      .option("--refresh <duration>", "how often all jobs are read anew (5m)", duration)
      .option("-l, --level <level>", "least level that is logged", "info")
      .option("--log <target>", "log file, or @facility of syslog (default: standard error)")
      .option("--log-json", "log JSON records")
      .option("--tag <tag>", "tag of log records", "lava-scheduler")
      .addHelpText(
        "after",
        helpExamples(
          ["lava scheduler -r prod --zone Australia/Sydney", "on two or more machines"],
          ["lava scheduler -r prod --dispatcher main", "one dispatcher; cron keeps the others"],
        ),
      ),
  ).action((options: SchedulerOptions) => scheduler(options, context));
};

function toZones(text: string, others: Record<string, string>): Record<string, string> {
  const at = text.indexOf("=");
  const [name, zone] = at < 0 ? ["*", text] : [text.slice(0, at), text.slice(at + 1)];
  if (name === "" || zone === "") throw new InvalidArgumentError("Expected ZONE or NAME=ZONE.");
  return { ...others, [name]: zone };
}

async function scheduler(options: SchedulerOptions, context: CliContext): Promise<void> {
  const { runScheduler } = await import("../scheduler/run-scheduler.ts");
  const target = await findRealm(options, context);
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
  };
  process.on("SIGTERM", end);
  process.on("SIGHUP", end);
  try {
    await runScheduler({
      realm: target.realm,
      settings: target.settings,
      env: target.env,
      clock: context.clock,
      stderr: context.stderr,
      signal: AbortSignal.any([context.signal, stop.signal]),
      dispatchers: options.dispatcher,
      includeCron: options.cron === true || target.dev,
      zones: options.zone,
      refreshMs: options.refresh,
      level: options.level,
      logJson: options.logJson === true,
      log: options.log,
      tag: options.tag,
    });
  } finally {
    process.off("SIGTERM", end);
    process.off("SIGHUP", end);
  }
}
