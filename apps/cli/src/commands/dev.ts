import { watch } from "node:fs";
import { open } from "node:fs/promises";
import { LavaError } from "@lava/core";
import type { CliContext, Register } from "../command.ts";
import type { DevFolder } from "../dev/dev-folder.ts";
import { helpExamples } from "../help-examples.ts";
import { count, port, wholeNumber } from "../option-values.ts";
import { printJson, printLine, printTable, styles } from "../output.ts";
import { createProgress } from "../progress.ts";
import { openCurrentProject, printFindings } from "../project-access.ts";
import { EXIT } from "../report-error.ts";

interface UpOptions {
  readonly env?: string;
  readonly port?: number;
  readonly threads: number;
  readonly json?: boolean;
}

interface LogOptions {
  readonly lines: number;
  readonly follow?: boolean;
}

/** `lava dev up|down|status|logs|env|reset`. */
export const registerDev: Register = (program, context) => {
  const dev = program
    .command("dev")
    .description("run the whole realm of a project on this machine, in the background")
    .addHelpText(
      "after",
      helpExamples(
        ["lava dev up", "start it, or bring it up to date after an edit"],
        ["lava dev logs -f worker-core", "what a worker says"],
        ['eval "$(lava dev env)" && aws s3 ls', "any AWS tool on it"],
        ["lava dev down", "stop it; data are kept"],
      ),
    );
  dev
    .command("up")
    .description(
      "start the AWS endpoint and the workers, and deploy the project; repeat it after a change",
    )
    .option("-e, --env <name>", "environment (default: the last one, else dev, else the only one)")
    .option(
      "--port <number>",
      "port of the AWS endpoint (default: the last one, else a free one)",
      port,
    )
    .option("-t, --threads <count>", "slots of each worker", count, 4)
    .option("--json", "print JSON")
    .action((options: UpOptions) => up(options, context));
  dev
    .command("down")
    .description("stop the workers and the endpoint; data are kept")
    .option("--json", "print JSON")
    .action((options: { json?: boolean }) => down(options, context));
  dev
    .command("status")
    .description("what runs, and where")
    .option("--json", "print JSON")
    .action((options: { json?: boolean }) => status(options, context));
  dev
    .command("logs")
    .description(
      "print the log of a process: aws (with what functions print), or worker-NAME (default: all)",
    )
    .argument("[process]", "name of a process, as lava dev status has it")
    .option("-n, --lines <count>", "so many lines from the end", wholeNumber, 40)
    .option("-f, --follow", "go on as more is written")
    .action((name: string | undefined, options: LogOptions) => logs(name, options, context));
  dev
    .command("env")
    .description('print shell exports for other tools: eval "$(lava dev env)"')
    .action(() => printEnvironment(context));
  dev
    .command("reset")
    .description("stop everything and remove all data of the dev realm")
    .action(() => reset(context));
};

async function up(options: UpOptions, context: CliContext): Promise<void> {
  const { startDevRealm } = await import("../dev/dev-realm.ts");
  const { devFolder, loadDevRealm } = await import("../dev/dev-folder.ts");
  const project = await openCurrentProject(context);
  const folder = devFolder(project.dir);
  const known = await loadDevRealm(folder);
  const environment = options.env ?? known?.environment ?? defaultEnvironment(project.environments);
  const progress = createProgress(
    context.stderr,
    options.json === true || context.stderr.isTTY !== true,
  );
  try {
    const started = await startDevRealm(
      project,
      folder,
      {
        environment,
        port: options.port ?? 0,
        threads: options.threads,
        progress,
      },
      context,
    );
    progress.done();
    const { realm, plan, deployed, build } = started;
    const ok = deployed === undefined || deployed.ok;
    if (!ok || plan.refused.length > 0) context.exitStatus = EXIT.failure;
    if (options.json) {
      printJson(context.stdout, {
        realm: realm.realm,
        environment,
        endpoint: realm.endpoint,
        workers: realm.workers,
        deployed: deployed?.steps ?? [],
      });
      return;
    }
    printFindings(build.warnings, context);
    for (const step of deployed?.steps ?? []) {
      if (step.outcome !== "done")
        printLine(context.stdout, `${step.outcome} ${step.kind} ${step.id}: ${step.reason ?? ""}`);
    }
    const done = deployed?.steps.filter((step) => step.outcome === "done").length ?? 0;
    printLine(
      context.stdout,
      `realm ${styles(context.stdout).bold(realm.realm)} is up at ${realm.endpoint}: ${done} deployed, workers ${realm.workers.join(", ")}`,
    );
    printLine(
      context.stdout,
      'next: lava dispatch JOB, lava runs, lava dev status, eval "$(lava dev env)"',
    );
  } finally {
    progress.done();
  }
}

function defaultEnvironment(environments: readonly string[]): string {
  const [only] = environments;
  if (environments.includes("dev")) return "dev";
  if (only !== undefined && environments.length === 1) return only;
  throw new LavaError(
    "BAD_OPTIONS",
    `Which environment? Give --env with one of ${environments.join(", ")}`,
    { kind: "usage" },
  );
}

async function down(options: { json?: boolean }, context: CliContext): Promise<void> {
  const { stopDevRealm } = await import("../dev/dev-realm.ts");
  const stopped = await stopDevRealm(await currentFolder(context), context);
  if (options.json)
    printJson(
      context.stdout,
      stopped.map(({ name, pid, outcome }) => ({ name, pid, outcome })),
    );
  else if (stopped.length === 0) printLine(context.stdout, "nothing was running");
  else
    for (const { name, pid, outcome } of stopped)
      printLine(context.stdout, `${name} (${pid}): ${outcome}`);
}

async function status(options: { json?: boolean }, context: CliContext): Promise<void> {
  const { listBackground } = await import("../dev/background.ts");
  const { loadDevRealm } = await import("../dev/dev-folder.ts");
  const folder = await currentFolder(context);
  const realm = await loadDevRealm(folder);
  const processes = await listBackground(folder);
  if (processes.length === 0 || processes.some(({ running }) => !running))
    context.exitStatus = EXIT.failure;
  if (options.json) {
    const where = realm && {
      realm: realm.realm,
      environment: realm.environment,
      endpoint: realm.endpoint,
    };
    printJson(context.stdout, { ...where, processes });
    return;
  }
  if (realm === undefined || processes.length === 0) {
    printLine(context.stdout, "the dev realm is not running; start it with: lava dev up");
    return;
  }
  printLine(
    context.stdout,
    `realm ${realm.realm} (environment ${realm.environment}) at ${realm.endpoint}`,
  );
  printTable(
    context.stdout,
    [
      { title: "PROCESS", cell: (entry) => entry.name },
      { title: "PID", cell: (entry) => String(entry.pid), align: "right" },
      { title: "STATE", cell: (entry) => (entry.running ? "running" : "dead") },
      { title: "SINCE", cell: (entry) => entry.startedAt.slice(0, 19) },
      { title: "LOG", cell: (entry) => entry.log, flexible: true },
    ],
    processes,
  );
}

async function logs(
  name: string | undefined,
  options: LogOptions,
  context: CliContext,
): Promise<void> {
  const { listBackground } = await import("../dev/background.ts");
  const { tailLog } = await import("../dev/dev-realm.ts");
  const folder = await currentFolder(context);
  const processes = (await listBackground(folder)).filter(
    (entry) => name === undefined || entry.name === name,
  );
  if (processes.length === 0) {
    throw new LavaError(
      "NO_SUCH_PROCESS",
      name === undefined ? "The dev realm is not running" : `No process ${name} in the dev realm`,
      {
        hint: "`lava dev status` lists the processes.",
      },
    );
  }
  for (const { name: title, log } of processes) {
    if (processes.length > 1)
      printLine(context.stderr, styles(context.stderr).bold(`==> ${title} <==`));
    for (const line of await tailLog(log, options.lines)) printLine(context.stdout, line);
  }
  if (options.follow) await Promise.all(processes.map(({ log }) => followFile(log, context)));
}

/** Prints what is appended to a file until the user interrupts. */
async function followFile(file: string, context: CliContext): Promise<void> {
  await using handle = await open(file);
  let { size } = await handle.stat();
  const drain = async (): Promise<void> => {
    const { size: now } = await handle.stat();
    if (now <= size) return;
    const { buffer } = await handle.read(Buffer.alloc(now - size), 0, now - size, size);
    size = now;
    context.stdout.write(buffer.toString("utf8"));
  };
  const changes = watch(file);
  await new Promise<void>((resolve) => {
    changes.on("change", () => void drain());
    context.signal.addEventListener("abort", () => {
      changes.close();
      resolve();
    });
  });
}

async function printEnvironment(context: CliContext): Promise<void> {
  const { loadDevRealm } = await import("../dev/dev-folder.ts");
  const realm = await loadDevRealm(await currentFolder(context));
  if (realm === undefined)
    throw new LavaError("NO_DEV_REALM", "This project has no dev realm", {
      hint: "Start it with `lava dev up`.",
      kind: "usage",
    });
  const values = {
    AWS_ENDPOINT_URL: realm.endpoint,
    AWS_REGION: realm.region,
    AWS_DEFAULT_REGION: realm.region,
    AWS_ACCESS_KEY_ID: realm.accessKeyId,
    AWS_SECRET_ACCESS_KEY: realm.secretAccessKey,
    LAVA_REALM: realm.realm,
  };
  for (const [key, value] of Object.entries(values))
    printLine(context.stdout, `export ${key}='${value}'`);
}

async function reset(context: CliContext): Promise<void> {
  const { resetDevRealm } = await import("../dev/dev-realm.ts");
  const folder = await currentFolder(context);
  await resetDevRealm(folder, context);
  printLine(context.stdout, `removed ${folder.root}`);
}

async function currentFolder(context: CliContext): Promise<DevFolder> {
  const { devFolder, requireProject } = await import("../dev/dev-folder.ts");
  return devFolder(requireProject(context.cwd));
}
