import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { formatSize, LavaError } from "@lava/core";
import type { Realm, RunKey, StoredObject } from "@lava/realm";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { followOutput } from "../logs/follow-output.ts";
import { listRunOutputs } from "../logs/run-tree.ts";
import { printJson, printLine, printTable, styles } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { findRun } from "../run-summary.ts";

interface LogsOptions extends RealmOptions {
  readonly name?: string;
  readonly follow?: boolean;
  readonly list?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

/** `lava logs`. */
export const registerLogs: Register = (program, context) => {
  addRealmOptions(
    program
      .command("logs")
      .description("print what a run and its children wrote: stdout, stderr, query results")
      .argument("<job>", "job id")
      .argument("[run]", "run id or its beginning (default: the latest run)")
      .option("--name <output>", "only this output, e.g. stdout or report.sh.stdout")
      .option("-f, --follow", "print as the run goes on, until it is over")
      .option("--list", "list the outputs")
      .option("-o, --output <file>", "write the one output to a file")
      .option("--json", "list the outputs as JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava logs app/load", "everything that the latest run wrote"],
          ["lava logs -f app/load", "follow the latest run"],
          ["lava logs app/load 3f2a --name stdout -o out.txt", "one output, into a file"],
        ),
      ),
  ).action((job: string, run: string | undefined, options: LogsOptions) =>
    logs(job, run, options, context),
  );
};

/** An output, and the run or child that wrote it. */
interface Output extends StoredObject {
  readonly run: RunKey;
}

async function logs(
  job: string,
  run: string | undefined,
  options: LogsOptions,
  context: CliContext,
): Promise<void> {
  const wanted = (name: string): boolean => options.name === undefined || name === options.name;
  if (options.follow && (options.list || options.json || options.output !== undefined)) {
    throw new LavaError("BAD_OPTIONS", "--follow prints; it cannot list or write a file", {
      kind: "usage",
    });
  }
  await withRealm(options, context, async (realm) => {
    const key = await findRun(realm, job, run);
    if (options.follow) {
      await followOutput(realm, key, wanted, context);
      return;
    }
    const all = await listAll(realm, key);
    const outputs = all.filter(({ name }) => wanted(name));
    if (options.json) {
      printJson(
        context.stdout,
        outputs.map(({ run: { job_id }, ...output }) => ({ job_id, ...output })),
      );
      return;
    }
    if (outputs.length === 0) throw nothing(key, options.name, all);
    if (options.list) {
      printTable(
        context.stdout,
        [
          { title: "JOB", cell: (row) => row.run.job_id },
          { title: "OUTPUT", cell: (row) => row.name },
          { title: "SIZE", cell: (row) => formatSize(row.size), align: "right" },
          { title: "URI", cell: (row) => row.uri, flexible: true },
        ],
        outputs,
      );
      return;
    }
    if (options.output !== undefined && outputs.length > 1) {
      throw new LavaError(
        "BAD_OPTIONS",
        `The run has ${outputs.length} outputs; name one with --name`,
        { kind: "usage" },
      );
    }
    await print(realm, outputs, options.output, context);
  });
}

async function listAll(realm: Realm, key: RunKey): Promise<Output[]> {
  const tree = await listRunOutputs(realm, key);
  return tree.flatMap(({ run, outputs }) => outputs.map((output) => ({ ...output, run })));
}

async function print(
  realm: Realm,
  outputs: readonly Output[],
  file: string | undefined,
  { stdout, stderr }: CliContext,
): Promise<void> {
  const hasChildren = new Set(outputs.map(({ run }) => run.job_id)).size > 1;
  for (const { run, name } of outputs) {
    const content = (await realm.temp.streamOutput(run, name)) ?? [];
    if (file !== undefined) {
      await pipeline(Readable.from(content), createWriteStream(file));
      continue;
    }
    const title = hasChildren ? `${run.job_id}: ${name}` : name;
    if (outputs.length > 1) printLine(stderr, styles(stderr).bold(`==> ${title} <==`));
    for await (const part of content) stdout.write(part);
  }
}

function nothing(key: RunKey, name: string | undefined, all: readonly Output[]): LavaError {
  const what = name === undefined ? "no output" : `no output ${name}`;
  return new LavaError("NO_SUCH_OUTPUT", `${key.job_id} ${key.run_id} left ${what}`, {
    hint:
      all.length === 0
        ? "A run that printed nothing leaves none; one that goes on is seen with --follow."
        : `It has: ${all.map((output) => output.name).join(", ")}`,
  });
}
