import { collect } from "../assignments.ts";
import { printMarkdown } from "../checksum-lines.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";

interface RealmCheckOptions extends RealmOptions {
  readonly check?: string[];
  readonly suppress: boolean;
  readonly exitCode?: boolean;
  readonly json?: boolean;
}

/** `lava realm check`; `lava check` checks a project. */
export const registerRealm: Register = (program, context) => {
  const realm = program.command("realm").description("look after a realm");
  addRealmOptions(
    realm
      .command("check")
      .description("check the tables of a realm; without -c list the checks")
      .option("-c, --check <glob>", "checks to run (repeatable)", collect)
      .option("-S, --no-suppress", "ignore x-lava-nocheck of entries")
      .option("--exit-code", "status 3 when something was found")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava realm check", "which checks there are"],
          ["lava realm check -r uat -c 'job*' -c trigslash", "some of them"],
        ),
      ),
  ).action((options: RealmCheckOptions) => check(options, context));
};

async function check(options: RealmCheckOptions, context: CliContext): Promise<void> {
  const { healthChecks, realmTables, runHealthChecks } = await import("@lava/framework");
  const { stdout } = context;
  if (options.check === undefined) {
    if (options.json === true) {
      printJson(
        stdout,
        healthChecks.map(({ name, description }) => ({ name, description })),
      );
      return;
    }
    const width = Math.max(...healthChecks.map(({ name }) => name.length)) + 1;
    for (const { name, description } of healthChecks)
      printLine(stdout, `${`${name}:`.padEnd(width)} ${description}`);
    return;
  }
  const patterns = options.check;
  await withRealm(options, context, async (realm) => {
    const results = await runHealthChecks(patterns, realmTables(realm), {
      suppress: options.suppress,
    });
    const found = results.filter(({ entries }) => entries.length > 0);
    if (options.exitCode === true && found.length > 0) context.exitStatus = 3;
    if (options.json === true) {
      printJson(stdout, results);
      return;
    }
    for (const { check: name, description, entries } of found) {
      printLine(stdout, `# ${name}: ${description}\n`);
      printMarkdown(
        ["ID", "Owner", "Details"],
        entries.map(({ id, owner, details }) => [id, owner ?? "", details ?? ""]),
        stdout,
      );
      printLine(stdout);
    }
  });
}
