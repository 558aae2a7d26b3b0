import { writeFile } from "node:fs/promises";
import { formatSize, LavaError } from "@lava/core";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine, printTable, styles } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { findRun } from "../run-summary.ts";

interface LogsOptions extends RealmOptions {
  readonly name?: string;
  readonly list?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

/** `lava logs`. */
export const registerLogs: Register = (program, context) => {
  addRealmOptions(
    program
      .command("logs")
      .description("print what a run wrote: stdout, stderr, query results")
      .argument("<job>", "job id")
      .argument("[run]", "run id or its beginning (default: the latest run)")
      .option("--name <output>", "only this output, e.g. stdout or report.sh.stdout")
      .option("--list", "list the outputs")
      .option("-o, --output <file>", "write the one output to a file")
      .option("--json", "list the outputs as JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava logs app/load", "everything that the latest run wrote"],
          ["lava logs app/load 3f2a --name stdout -o out.txt", "one output, into a file"],
        ),
      ),
  ).action((job: string, run: string | undefined, options: LogsOptions) =>
    logs(job, run, options, context),
  );
};

async function logs(
  job: string,
  run: string | undefined,
  options: LogsOptions,
  context: CliContext,
): Promise<void> {
  await withRealm(options, context, async (realm) => {
    const key = await findRun(realm, job, run);
    const all = await realm.temp.listOutputs(key);
    const outputs = all.filter(({ name }) => options.name === undefined || name === options.name);
    if (options.json) {
      printJson(context.stdout, outputs);
      return;
    }
    if (outputs.length === 0) {
      const what = options.name === undefined ? "no output" : `no output ${options.name}`;
      throw new LavaError("NO_SUCH_OUTPUT", `${key.job_id} ${key.run_id} left ${what}`, {
        hint:
          all.length === 0
            ? "A run that printed nothing leaves none."
            : `It has: ${all.map(({ name }) => name).join(", ")}`,
      });
    }
    if (options.list) {
      printTable(
        context.stdout,
        [
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
    for (const { name } of outputs) {
      const content = (await realm.temp.getOutput(key, name)) ?? new Uint8Array();
      if (options.output !== undefined) await writeFile(options.output, content);
      else {
        if (outputs.length > 1)
          printLine(context.stderr, styles(context.stderr).bold(`==> ${name} <==`));
        context.stdout.write(content);
      }
    }
  });
}
