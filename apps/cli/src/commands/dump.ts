import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { LavaError } from "@lava/core";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { openCurrentProject } from "../project-access.ts";
import { addRealmOptions, type RealmOptions } from "../realm-access.ts";
import { selectItems, withTable } from "../tables.ts";

interface DumpOptions extends RealmOptions {
  readonly table: string;
  readonly dir?: string;
  readonly ignoreCase?: boolean;
  readonly notMatch?: boolean;
  readonly quiet?: boolean;
  readonly yaml?: boolean;
  readonly project?: string;
  readonly json?: boolean;
}

/** `lava dump`. */
export const registerDump: Register = (program, context) => {
  addRealmOptions(
    program
      .command("dump")
      .description("write the entries of a table to files, one each")
      .argument("[glob...]", "only entries whose id fits a pattern")
      .option(
        "-d, --dir <dir>",
        "folder of the files, made where it is not there (default: this one)",
      )
      .option("-i, --ignore-case", "patterns do not tell upper from lower case")
      .option("-n, --not-match", "entries that fit no pattern")
      .option("-q, --quiet", "do not print what is written")
      .option(
        "-t, --table <name>",
        "jobs, connections, s3triggers, realms, or the beginning of one",
        "jobs",
      )
      .option("-y, --yaml", "YAML, not JSON")
      .option(
        "--project <env>",
        "as specs of this project, with the marks of that environment in them",
      )
      .option("--json", "print JSON of what was written")
      .addHelpText(
        "after",
        helpExamples(
          ["lava dump -r uat -t conn -d backup", "all connections"],
          ["lava dump --project uat 'app/load/*'", "jobs that were made by hand, into lava-jobs/"],
        ),
      ),
  ).action((globs: string[], options: DumpOptions) => dump(globs, options, context));
};

const FOLDERS = {
  jobs: "lava-jobs",
  connections: "lava-connections",
  s3triggers: "lava-triggers",
} as const;

async function dump(
  globs: readonly string[],
  options: DumpOptions,
  context: CliContext,
): Promise<void> {
  const { dataText, dumpNames, loadEnvironment, toProjectSpec } = await import("@lava/framework");
  const project = options.project === undefined ? undefined : await openCurrentProject(context);
  const environment =
    project === undefined ? undefined : await loadEnvironment(project, options.project ?? "");
  const target =
    options.realm === undefined && environment !== undefined && options.dev !== true
      ? { ...options, realm: environment.realm }
      : options;
  await withTable(target, context, async (table) => {
    const { ignoreCase, notMatch: invert } = options;
    const items = selectItems(await table.listItems(), table.key, globs, { ignoreCase, invert });
    if (project !== undefined && table.name === "realms") {
      throw new LavaError("BAD_OPTIONS", "--project is for jobs, connections and s3triggers", {
        kind: "usage",
      });
    }
    const folder =
      project === undefined || table.name === "realms"
        ? resolve(context.cwd, options.dir ?? ".")
        : join(project.dir, FOLDERS[table.name]);
    await mkdir(folder, { recursive: true });
    const format = options.yaml === true || project !== undefined ? "yaml" : "json";
    const names = dumpNames(items.map((item) => String(item[table.key])));
    const written: { id: string; file: string }[] = [];
    for (const item of items) {
      const id = String(item[table.key]);
      const file = join(folder, `${names.get(id) ?? id}.${format}`);
      const content = environment === undefined ? item : toProjectSpec(item, environment);
      // A project's own sources are never written over.
      await writeFile(
        file,
        dataText(content, format),
        project === undefined ? {} : { flag: "wx" },
      ).catch((error: unknown) => {
        if (!(error instanceof Error) || !("code" in error) || error.code !== "EEXIST") throw error;
        throw new LavaError("ALREADY_EXISTS", `${file} already exists`, {
          hint: "Move it away first.",
        });
      });
      written.push({ id, file });
      if (options.quiet !== true && options.json !== true)
        printLine(context.stdout, `${id} --> ${file}`);
    }
    if (options.json === true) printJson(context.stdout, written);
  });
}
