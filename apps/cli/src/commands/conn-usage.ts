import { type DataMap, nullLogger } from "@lava/core";
import type { CliContext, Register } from "../command.ts";
import { type ConnectionUse, findConnectionUses, isTemplate } from "../conn-usage.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { selectItems } from "../tables.ts";

interface ConnUsageOptions extends RealmOptions {
  readonly ignoreCase?: boolean;
  readonly verbose?: boolean;
  readonly exitCode?: boolean;
  readonly json?: boolean;
}

interface Found {
  readonly id: string;
  readonly uses: readonly ConnectionUse[];
}

/** `lava conn-usage`, the original's `lava-conn-usage` (CLI-067 to 071). */
export const registerConnUsage: Register = (program, context) => {
  addRealmOptions(
    program
      .command("conn-usage")
      .description("print the jobs that use connections")
      .argument("<glob...>", "ids of connections")
      .option("-i, --ignore-case", "patterns do not tell upper from lower case")
      .option("-v, --verbose", "where each uses which, and what only a run can tell")
      .option("--exit-code", "end with status 3 when something was found")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(["lava conn-usage -v 'app/*'", "jobs, realm and templates that may use one"]),
      ),
  ).action((globs: string[], options: ConnUsageOptions) => usage(globs, options, context));
};

async function usage(
  globs: readonly string[],
  options: ConnUsageOptions,
  context: CliContext,
): Promise<void> {
  await withRealm(options, context, async (realm) => {
    const fits = (use: ConnectionUse): boolean =>
      isTemplate(use.conn_id) ||
      selectItems([{ conn_id: use.conn_id }], "conn_id", globs, {
        ignoreCase: options.ignoreCase,
      }).length > 0;
    const find = (id: string, item: DataMap): Found => ({
      id,
      uses: findConnectionUses(item).filter(fits),
    });
    const jobs = (await realm.jobs.listItems()).map((item) => find(String(item["job_id"]), item));
    const { openRealmsTable } = await import("@lava/realm");
    const own = await openRealmsTable(realm.clients, nullLogger).getItem(realm.name);
    const all = own === undefined ? jobs : [...jobs, find(`realm ${realm.name}`, own)];
    const found = all.filter(({ uses }) => uses.length > 0);
    // A template alone is a guess: it is told where people look closer.
    const sure = found.filter(({ uses }) => uses.some(({ conn_id }) => !isTemplate(conn_id)));
    if (options.exitCode === true && sure.length > 0) context.exitStatus = 3;
    if (options.json === true) printJson(context.stdout, found);
    else if (options.verbose === true) {
      for (const { id, uses } of found) {
        for (const { path, conn_id } of uses) {
          const flag = isTemplate(conn_id) ? " (template, known only in a run)" : "";
          printLine(context.stdout, `${id}: ${path} = ${conn_id}${flag}`);
        }
      }
    } else
      for (const { id } of sure.filter(({ id }) => !id.startsWith("realm ")))
        printLine(context.stdout, id);
  });
}
