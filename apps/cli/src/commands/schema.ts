import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Data, errorText, type Issue, isMap, LavaError, parseJson } from "@lava/core";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine, styles } from "../output.ts";
import { addRealmOptions, type RealmOptions } from "../realm-access.ts";
import { selectItems, withTable } from "../tables.ts";

interface SchemaOptions extends RealmOptions {
  readonly dynamodb?: boolean;
  readonly type: string;
  readonly schemaDir?: string;
  readonly verbose?: boolean;
  readonly exitCode?: boolean;
  readonly json?: boolean;
}

const TABLES = {
  job: "jobs",
  connection: "connections",
  s3trigger: "s3triggers",
  realm: "realms",
  rule: undefined,
} as const;
type Kind = keyof typeof TABLES;

/** `lava schema`. */
export const registerSchema: Register = (program, context) => {
  addRealmOptions(
    program
      .command("schema")
      .description("check specs in files or tables against their schema, field by field")
      .argument("[spec...]", "JSON or YAML files; with -d patterns of ids")
      .option("-d, --dynamodb", "entries of the realm's tables, not files")
      .option("-t, --type <kind>", `kind of spec: ${Object.keys(TABLES).join(", ")}`, "job")
      .option(
        "-s, --schema-dir <dir>",
        "a folder of JSON Schemas in place of our own (not supported)",
      )
      .option("-v, --verbose", "print also what is good")
      .option("--exit-code", "status 3 when something does not fit")
      .option("--json", "print JSON")
      .addHelpText(
        "after",
        helpExamples(
          ["lava schema -t connection db.yaml", "a file"],
          ["lava schema -d -r uat 'app/*'", "jobs of a realm"],
        ),
      ),
  ).action((specs: string[], options: SchemaOptions) => schema(specs, options, context));
};

interface Checked {
  readonly id: string;
  readonly ok: boolean;
  readonly skipped?: boolean;
  readonly issues: readonly Issue[];
}

async function schema(
  specs: readonly string[],
  options: SchemaOptions,
  context: CliContext,
): Promise<void> {
  const kind = kindOf(options.type);
  if (options.schemaDir !== undefined) {
    throw new LavaError("BAD_OPTIONS", "--schema-dir is not supported: schemas are built in", {
      kind: "usage",
    });
  }
  const results =
    options.dynamodb === true
      ? await ofTable(kind, specs, options, context)
      : await ofFiles(kind, specs, context);
  if (options.exitCode === true && results.some(({ ok }) => !ok)) context.exitStatus = 3;
  if (options.json === true) {
    printJson(context.stdout, results);
    return;
  }
  const style = styles(context.stdout);
  for (const { id, ok, skipped, issues } of results) {
    if (skipped === true) printLine(context.stdout, `${id}: Skipped (null)`);
    else if (!ok) printLine(context.stdout, style.red(`${id}: Failed`));
    else if (options.verbose === true) printLine(context.stdout, style.green(`${id}: OK`));
    for (const [index, { code, path, message }] of issues.entries()) {
      printLine(context.stdout, `  ${index + 1}. ${code} ${jsonPath(path)}: ${message}`);
    }
  }
}

async function ofTable(
  kind: Kind,
  globs: readonly string[],
  options: SchemaOptions,
  context: CliContext,
): Promise<Checked[]> {
  const table = TABLES[kind];
  if (table === undefined)
    throw new LavaError("BAD_OPTIONS", "Rules are in no table: give files", { kind: "usage" });
  const { validateSpec } = await import("@lava/spec");
  return await withTable({ ...options, table }, context, async ({ key, listItems }) =>
    selectItems(await listItems(), key, globs).map((item) => {
      const result = validateSpec(kind, item);
      return { id: String(item[key]), ok: result.ok, issues: result.ok ? [] : result.issues };
    }),
  );
}

async function ofFiles(
  kind: Kind,
  files: readonly string[],
  context: CliContext,
): Promise<Checked[]> {
  const { validateSpec } = await import("@lava/spec");
  const results: Checked[] = [];
  for (const file of files) {
    const data = await readSpec(file, context);
    if (data === null || (isMap(data) && Object.keys(data).length === 0)) {
      results.push({ id: file, ok: true, skipped: true, issues: [] });
      continue;
    }
    const result = validateSpec(kind, data);
    results.push({ id: file, ok: result.ok, issues: result.ok ? [] : result.issues });
  }
  return results;
}

async function readSpec(file: string, context: CliContext): Promise<Data> {
  let text: string;
  try {
    text = await readFile(resolve(context.cwd, file), "utf8");
  } catch (error) {
    throw new LavaError("BAD_FILE", `${file}: ${errorText(error)}`, { cause: error });
  }
  if (file.endsWith(".json")) {
    try {
      return parseJson(text);
    } catch (error) {
      throw new LavaError("BAD_FILE", `${file}: ${errorText(error)}`, { cause: error });
    }
  }
  const { readYaml } = await import("@lava/framework");
  const { data, errors } = readYaml(text);
  if (errors.length > 0) {
    throw new LavaError("BAD_FILE", `${file} is no YAML`, {
      issues: errors.map((issue) => ({ ...issue, file })),
    });
  }
  return data ?? null;
}

function kindOf(text: string): Kind {
  const kind = Object.keys(TABLES).find((name): name is Kind => name === text);
  if (kind !== undefined) return kind;
  throw new LavaError(
    "BAD_OPTIONS",
    `--type: ${text} is none of ${Object.keys(TABLES).join(", ")}`,
    { kind: "usage" },
  );
}

function jsonPath(path: Issue["path"]): string {
  return `$${path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("")}`;
}
