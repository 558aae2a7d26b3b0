import { LavaError } from "@lava/core";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

/** What the command line says (CLI-183 and its table). */
export interface CommandLine {
  readonly realm: string;
  readonly worker: string;
  readonly queue?: string;
  readonly threads: number;
  readonly sleep: number;
  readonly wait: number;
  readonly retries: number;
  readonly heartbeat: number;
  readonly batch: boolean;
  readonly daemon: boolean;
  /** Tells daemons of one worker apart that start in one directory; 0 for the only one. */
  readonly index: number;
  /** Set in the process that a start with `--daemon` leaves behind. */
  readonly daemonChild: boolean;
  /** Set in the process that a watchdog starts for the runs of a worker that was lost. */
  readonly lastWill: boolean;
  readonly jumpStart: boolean;
  readonly dev: boolean;
  readonly root: boolean;
  readonly profile?: string;
  readonly region?: string;
  readonly level: string;
  readonly log?: string;
  readonly logJson: boolean;
  readonly tag: string;
  readonly colour: boolean;
}

/** Options, or what is to be printed instead: the help or the version. */
export type ParsedCommandLine =
  | { readonly kind: "run"; readonly options: CommandLine }
  | { readonly kind: "print"; readonly text: string };

/** Environment as the application hands it in. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the command line of the original's lava-worker.
 *
 * @throws {LavaError} USAGE with the text for standard error
 */
export function parseCommandLine(
  argv: readonly string[],
  env: Environment,
  version: string,
): ParsedCommandLine {
  let printed = "";
  const program = toProgram(env, version).configureOutput({
    writeOut: (text) => {
      printed += text;
    },
    writeErr: () => undefined,
  });
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "print", text: printed };
    throw usage(error.message.replace(/^error: /, ""));
  }
  return { kind: "run", options: check(program.opts()) };
}

function toProgram(env: Environment, version: string): Command {
  const integer = (text: string): number => {
    if (!/^[+-]?\d+$/.test(text.trim())) throw new InvalidArgumentError("must be an integer.");
    return Number(text);
  };
  const required = (option: Option, name: string): Option => {
    const value = env[name];
    return value ? option.default(value) : option.makeOptionMandatory();
  };
  return new Command("lava-worker")
    .description("Runs the jobs of one worker of a realm.")
    .exitOverride()
    .allowExcessArguments(false)
    .version(version, "-v, --version", "print the version")
    .addOption(required(new Option("-r, --realm <realm>", "name of the realm"), "LAVA_REALM"))
    .addOption(required(new Option("-w, --worker <worker>", "name of the worker"), "LAVA_WORKER"))
    .option("-q, --queue <name>", "name of the queue (default: lava-<realm>-<worker>)")
    .option("-t, --threads <n>", "jobs at the same time", integer, 5)
    .option("-s, --sleep <seconds>", "accepted; an idle worker waits in its long poll", integer, 10)
    .option("--wait <seconds>", "length of a long poll, 0 to 20", integer, 10)
    .option(
      "--retries <n>",
      "give up a message received more than n + 1 times; < 0: never",
      integer,
      2,
    )
    .option("-b, --heartbeat <seconds>", "log a heartbeat record so often; 0 for none", integer, 0)
    .addOption(
      new Option("--batch", "exit once the queue is empty").default(false).conflicts("daemon"),
    )
    .option("-d, --daemon", "run in the background, with a pid file in this directory", false)
    .option("--index <n>", "number of this daemon among several of one worker", integer, 0)
    .addOption(new Option("--daemon-child").default(false).hideHelp())
    .addOption(new Option("--last-will").default(false).hideHelp())
    .option("-j, --jump-start", "dispatch the enabled lavasched jobs of this worker first", false)
    .option("--dev", "leave the output of jobs on this terminal", false)
    .option("--root", "allow to run as root", false)
    .option("--profile <name>", "AWS profile")
    .option("--region <name>", "AWS region")
    .option(
      "-l, --level <level>",
      "debug, info, warning, error or critical",
      env["LAVA_LOGLEVEL"] || "info",
    )
    .option("--log <target>", "a file, or @<facility> for the system log (default: standard error)")
    .option("--log-json", "log JSON records", false)
    .option("--tag <tag>", "tag of log records", "lava-worker")
    .option("-c, --no-colour", "no colours in the log")
    .addOption(new Option("--no-color", "the same").hideHelp());
}

function check(options: Record<string, unknown>): CommandLine {
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === "string" ? value : undefined;
  };
  const number = (name: string): number => Number(options[name]);
  const flag = (name: string): boolean => options[name] === true;
  const wait = number("wait");
  if (wait < 0 || wait > 20) {
    throw usage("Argument --wait: value must be in the range 0 .. 20");
  }
  const heartbeat = number("heartbeat");
  if (heartbeat !== 0 && heartbeat < 30) {
    throw usage("Argument -b/--heartbeat: value must be 0 or greater than 30");
  }
  const threads = number("threads");
  if (threads < 1) throw usage("Argument -t/--threads: value must be 1 or greater");
  if (number("index") < 0) throw usage("Argument --index: value must be 0 or greater");
  const queue = text("queue");
  const profile = text("profile");
  const region = text("region");
  const log = text("log");
  return {
    realm: text("realm") ?? "",
    worker: text("worker") ?? "",
    ...(queue === undefined ? {} : { queue }),
    threads,
    sleep: Math.max(0, number("sleep")),
    wait,
    retries: number("retries"),
    heartbeat,
    batch: flag("batch"),
    daemon: flag("daemon"),
    index: number("index"),
    daemonChild: flag("daemonChild"),
    lastWill: flag("lastWill"),
    jumpStart: flag("jumpStart"),
    dev: flag("dev"),
    root: flag("root"),
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
    level: text("level") ?? "info",
    ...(log === undefined ? {} : { log }),
    logJson: flag("logJson"),
    tag: text("tag") ?? "lava-worker",
    colour: options["colour"] !== false && options["color"] !== false,
  };
}

function usage(message: string): LavaError {
  return new LavaError("USAGE", message, { kind: "usage", hint: "See lava-worker --help." });
}
