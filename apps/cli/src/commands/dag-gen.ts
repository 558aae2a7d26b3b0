import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errorText, LavaError } from "@lava/core";
import type { DependencyMap } from "@lava/framework";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printLine } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";

interface DagOptions extends RealmOptions {
  readonly compact?: boolean;
  readonly group?: string;
  readonly order?: boolean;
  readonly prefix: string;
  readonly wrap?: string;
  readonly table: string;
  readonly yaml?: boolean;
}

/** `lava dag-gen`. */
export const registerDagGen: Register = (program, context) => {
  addRealmOptions(
    program
      .command("dag-gen")
      .description("make the payload of a dag job from a table of dependencies")
      .argument(
        "<source>",
        ".csv, .xlsx, .sqlite or .sqlite3 file, or the id of a database connection",
      )
      .option("-c, --compact", "null, text or list, and no jobs that others name anyway")
      .option(
        "-g, --group <name>",
        "worksheet, or job_group of a database (default: the first, all)",
      )
      .option("-o, --order", "print what can run together, in order")
      .option("-p, --prefix <text>", "put before each job id", "")
      .option("-w, --wrap <key>", "a map around the dag, with this key")
      .option("--table <name>", "table of a database, [SCHEMA.]TABLE", "dag")
      .option("-y, --yaml", "YAML, not JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava dag-gen jobs.csv -p app/", "from a matrix: rows wait for columns that are marked"],
          ["lava dag-gen app/db -r uat -g nightly", "from a table of a database"],
        ),
      ),
  ).action((source: string, options: DagOptions) => dagGen(source, options, context));
};

async function dagGen(source: string, options: DagOptions, context: CliContext): Promise<void> {
  const { dagBatches, dagData, dataText } = await import("@lava/framework");
  const { compact, prefix, wrap } = options;
  try {
    const dag = await readDag(source, options, context);
    if (options.order === true) {
      for (const [index, batch] of dagBatches(dag).entries()) {
        printLine(context.stdout, `Batch ${index + 1}`);
        for (const job of batch) printLine(context.stdout, `  - ${prefix}${job}`);
      }
      return;
    }
    const data = dagData(dag, { prefix, wrap, ...(compact === undefined ? {} : { compact }) });
    context.stdout.write(dataText(data, options.yaml === true ? "yaml" : "json"));
  } catch (error) {
    // The same faults have another code where a template meets them.
    if (!(error instanceof LavaError) || error.code !== "TEMPLATE_HELPER") throw error;
    throw new LavaError("BAD_DAG", error.message, { cause: error });
  }
}

async function readDag(
  source: string,
  options: DagOptions,
  context: CliContext,
): Promise<DependencyMap> {
  const { dagOfRows, dagQuery, readDagSource } = await import("@lava/framework");
  const { group, table } = options;
  if (/\.(?:csv|xlsx|sqlite3?)$/.test(source)) {
    const file = resolve(context.cwd, source);
    let content: Buffer;
    try {
      content = await readFile(file);
    } catch (error) {
      throw new LavaError("BAD_FILE", `${source}: ${errorText(error)}`, { cause: error });
    }
    return readDagSource(file, content, { group, table });
  }
  if (
    options.realm === undefined &&
    options.dev !== true &&
    (context.env["LAVA_REALM"] ?? "") === ""
  ) {
    throw new LavaError("NO_REALM", "Realm must be specified for lava connections", {
      hint: "Give --realm, or a .csv, .xlsx, .sqlite or .sqlite3 file.",
    });
  }
  const statement = dagQuery({ group, table });
  return await withRealm(options, context, async (realm) => {
    const { connectSql } = await import("@lava/connectors");
    await using client = await connectSql(source, { realm, env: context.env });
    return dagOfRows(await client.query(statement));
  });
}
