import { readFile, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { type Data, type DataMap, errorText, isMap, LavaError, parseJson } from "@lava/core";
import { collect } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printLine } from "../output.ts";
import { EXIT } from "../report-error.ts";
import { sqlOfEnvironment } from "../sql-lookup.ts";

interface JinjaOptions {
  readonly autoescape?: boolean;
  readonly builtins: boolean;
  readonly contextDir: string;
  readonly delimiter: string;
  readonly environ: boolean;
  readonly file?: string[];
  readonly list?: string[];
  readonly path: boolean;
  readonly param?: string[];
}

/** `lava jinja`: the original's `jinja` (CLI-209..213). */
export const registerJinja: Register = (program, context) => {
  program
    .command("jinja")
    .description("render Jinja templates with names from files and options, to stdout")
    .argument("[template...]", "files; - or none: stdin")
    .option("-a, --autoescape", "escape for HTML what is printed")
    .option("-B, --no-builtins", "leave out the names jinja and lava")
    .option("-c, --context-dir <dir>", "folder of what templates include", ".")
    .option(
      "-d, --delimiter <char>",
      "character in place of the outer braces: < gives <{ }>, <% %>, <# #>",
      "{",
    )
    .option("-E, --no-environ", "leave out the name environ, the environment variables")
    .option("-f, --file <file>", "names from a YAML or JSON file (repeatable)", collect)
    .option(
      "-l, --list <name=file>",
      "a list with one value a line; - is stdin (repeatable)",
      collect,
    )
    .option("-P, --no-path", "do not look for files along JINJAPATH")
    .option("-p, --param <name=value>", "a text (repeatable)", collect)
    .option("--profile <name>", "AWS profile of lava.aws and lava.sql")
    .addHelpText(
      "after",
      helpExamples(
        ["lava jinja -f config/dev.yaml -d '<' x.sql", "as a build renders it"],
        ["echo '{{ a }}' | lava jinja -p a=1", "from stdin"],
      ),
    )
    .action(async (templates: string[], options: JinjaOptions) => {
      try {
        await jinja(templates, options, context);
      } catch (error) {
        if (error instanceof LavaError && error.kind === "usage") throw error;
        if (!(error instanceof Error)) throw error;
        printLine(context.stderr, `jinja: ${error.message}`);
        context.exitStatus = EXIT.failure;
      }
    });
};

/** Names of templates and their values. */
type Params = Readonly<Record<string, unknown>>;

async function jinja(
  templates: readonly string[],
  options: JinjaOptions,
  context: CliContext,
): Promise<void> {
  const { createJinjaTool, loginName } = await import("@lava/framework");
  const lists = options.list?.map(pair) ?? [];
  const wanted = templates.length === 0 ? ["-"] : templates;
  const fromStdin = [...wanted, ...lists.map(([, file]) => file)].filter((name) => name === "-");
  if (fromStdin.length > 1) throw new Error("Only one input can be from stdin");
  const find = createFinder(options.path, context);
  let params: Params = {};
  for (const name of options.file ?? []) params = { ...params, ...(await readParams(name, find)) };
  for (const [name, value] of options.param?.map(pair) ?? []) {
    params = { ...params, [name]: value };
  }
  for (const [name, file] of lists) {
    params = { ...params, [name]: lines(await readInput(file, file, find, context)) };
  }
  const tool = createJinjaTool({
    host: { clock: context.clock, environ: context.env, user: loginName() },
    params,
    builtins: options.builtins,
    environ: options.environ,
    templates,
    contextDir: resolve(context.cwd, options.contextDir),
    cwd: context.cwd,
    outer: outerOf(options.delimiter),
    autoescape: options.autoescape === true,
    sql: sqlOfEnvironment(context),
    realm: context.env["LAVA_REALM"] ?? "",
  });
  for (const name of wanted) {
    const source = await readInput(name, `${name}: No such file or directory`, find, context);
    try {
      printLine(context.stdout, await tool.render(source));
    } catch (error) {
      throw new Error(`${name}: ${reasonOf(error)}`, { cause: error });
    }
  }
}

/** Jinja's message for a template that is not there is its name alone. */
function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && Reflect.get(cause, "type") === "TemplateNotFound") {
    return `template ${cause.message} not found`;
  }
  return errorText(error);
}

const PAIRS: Readonly<Record<string, string>> = { "{": "}", "<": ">", "[": "]", "(": ")" };

/** The first character, and what closes it (CLI-210). */
function outerOf(delimiter: string): readonly [string, string] {
  const [open] = delimiter;
  if (open === undefined) {
    throw new LavaError("BAD_OPTIONS", "--delimiter wants a character", { kind: "usage" });
  }
  return [open, PAIRS[open] ?? open];
}

function pair(word: string): readonly [name: string, value: string] {
  const at = word.indexOf("=");
  if (at < 0) {
    throw new LavaError("BAD_ASSIGNMENT", `Not of the form name=value: ${word}`, { kind: "usage" });
  }
  return [word.slice(0, at), word.slice(at + 1)];
}

/** Finds a file along JINJAPATH (CLI-212); undefined where there is none. */
type Finder = (name: string) => Promise<string | undefined>;

function createFinder(usesPath: boolean, { cwd, env }: CliContext): Finder {
  const path = env["JINJAPATH"] ?? ":/usr/local/lib/jinja";
  const folders = usesPath && path !== "" ? path.split(":") : [""];
  return async (name) => {
    for (const folder of isAbsolute(name) ? [""] : folders) {
      const file = resolve(cwd, join(folder, name));
      if ((await stat(file).catch(() => undefined)) !== undefined) return file;
    }
    return undefined;
  };
}

async function readInput(
  name: string,
  fault: string,
  find: Finder,
  { stdin }: CliContext,
): Promise<string> {
  if (name === "-") return await readAll(stdin);
  const file = await find(name);
  if (file === undefined) {
    throw new Error(fault === name ? `No such file or directory: ${name}` : fault);
  }
  return await readFile(file, "utf8");
}

async function readParams(name: string, find: Finder): Promise<Params> {
  const file = await find(name);
  if (file === undefined) throw new Error(`No such file or directory: ${name}`);
  const text = await readFile(file, "utf8");
  if (/\.jso?n$/i.test(name)) return mapOfNames(name, parseJson(text));
  const { readYaml, withTimes } = await import("@lava/framework");
  const { data, errors, times } = readYaml(text, { times: "keep" });
  const [first] = errors;
  if (first !== undefined) throw new Error(`${name}: line ${first.line}: ${first.message}`);
  return withTimes(mapOfNames(name, data ?? null), times);
}

function mapOfNames(name: string, data: Data): DataMap {
  if (isDataMap(data)) return data;
  throw new Error(`${name}: not a map of names`);
}

function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}

/** The lines of a text without blanks around them; an end of line at the end does not count. */
function lines(text: string): string[] {
  const all = text.split(/\r\n|\r|\n/);
  if (all.at(-1) === "") all.pop();
  return all.map((line) => line.trim());
}
