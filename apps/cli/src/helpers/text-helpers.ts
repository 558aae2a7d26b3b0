import { writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type Data, LavaError } from "@lava/core";
import { collect } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printLine, styles } from "../output.ts";
import { printFindings } from "../project-access.ts";
import { EXIT } from "../report-error.ts";
import { notebookTemplate } from "./notebook-template.ts";
import { isDataMap, jsonOf, pairOf, readJson, readText } from "./read-data.ts";

/** Helpers that turn one text into another. */
export const registerTextHelpers: Register = (helper, context) => {
  helper
    .command("git-commit-info")
    .description("print what x-lava-git-status says of the folder here")
    .addHelpText("after", helpExamples(["lava helper git-commit-info", "ab12cd3 (clean)"]))
    .action(async () => {
      const { gitState } = await import("@lava/framework");
      const state = await gitState({ dir: context.cwd, host: { environ: context.env } });
      printLine(context.stdout, state.status);
    });
  helper
    .command("ipynb2py")
    .description("turn notebooks into Python scripts")
    .argument("<notebook...>", "files whose names end in .ipynb")
    .option("-o, --output <dir>", "folder of the scripts (default: that of each notebook)")
    .option("-T, --template <file>", "how a script is made, as a template of nbconvert says it")
    .addHelpText("after", helpExamples(["lava helper ipynb2py -o build a.ipynb", "build/a.py"]))
    .action((notebooks: string[], options: { output?: string; template?: string }) =>
      ipynb2py(notebooks, options, context),
    );
  helper
    .command("json-diff")
    .description("compare two JSON files: status 0 when they say the same, else 1")
    .argument("<first>", "a file, - is stdin")
    .argument("<second>", "a file, - is stdin")
    .option("-i, --ignore <glob>", "top-level keys that do not count (repeatable)", collect)
    .option("-n, --lines <number>", "lines around a difference", "3")
    .addHelpText("after", helpExamples(["lava helper json-diff -i 'x-*' a.json b.json", ""]))
    .action((first: string, second: string, options: { ignore?: string[]; lines: string }) =>
      jsonDiff(first, second, options, context),
    );
  helper
    .command("json-inject")
    .description("add fields to JSON from stdin")
    .option("-d, --deep <a.b=value>", "a text, maps on the way are made (repeatable)", collect)
    .option("-j, --json <a.b=json>", "the same with a value in JSON (repeatable)", collect)
    .option("-p, --param <name=value>", "a text at the top (repeatable)", collect)
    .option("--hash-name <key>", "add a checksum under this key")
    .option("--hash-algorithm <name>", "of the checksum", "sha256")
    .option("--hash-ignore <glob...>", "keys that are left out of the checksum")
    .option("--hash-tag <tag>", "who made the checksum", "lava")
    .option("-S, --no-sort", "keep the order of keys (they are sorted here either way)")
    .option("--strict", "what is no object is a failure")
    .addHelpText("after", helpExamples(["lava helper json-inject -p x-by=me < a.json", ""]))
    .action((options: InjectOptions) => jsonInject(options, context));
  helper
    .command("os-type")
    .description("print name and major version of this system, such as amzn2023")
    .addHelpText("after", helpExamples(["lava helper os-type", ""]))
    .action(async () => {
      const { osType } = await import("@lava/framework");
      printLine(context.stdout, osType());
    });
  helper
    .command("yaml2json")
    .description("turn YAML from stdin into JSON: status 2 for bad YAML, 3 for what JSON has not")
    .addHelpText("after", helpExamples(["lava helper yaml2json < a.yaml", ""]))
    .action(() => yaml2json(context));
  helper
    .command("yaml_key_diff")
    .description("compare the keys of YAML files: status 1 when they differ")
    .argument("[file...]", "files; fewer than two agree")
    .option("-i, --ignore <glob>", "dotted keys that do not count (repeatable)", collect)
    .addHelpText("after", helpExamples(["lava helper yaml_key_diff config/*.yaml", ""]))
    .action((files: string[], options: { ignore?: string[] }) =>
      yamlKeyDiff(files, options.ignore ?? [], context),
    );
};

async function ipynb2py(
  notebooks: readonly string[],
  { output, template: file }: { readonly output?: string; readonly template?: string },
  context: CliContext,
): Promise<void> {
  const { notebookScript } = await import("@lava/framework");
  const template = await notebookTemplate(file, context);
  for (const name of notebooks) {
    if (!name.endsWith(".ipynb")) {
      throw new LavaError("BAD_FILE", `${name}: the name of a notebook ends in .ipynb`);
    }
    const { text, findings } = notebookScript(await readText(name, context), name, template);
    printFindings(findings, context);
    if (findings.some(({ severity }) => severity === "error")) {
      context.exitStatus = EXIT.failure;
      continue;
    }
    const folder = resolve(context.cwd, output ?? dirname(name));
    const script = join(folder, basename(name).replace(/\.ipynb$/, ".py"));
    await writeFile(script, text, { mode: 0o744 });
  }
}

async function jsonDiff(
  first: string,
  second: string,
  { ignore = [], lines }: { readonly ignore?: readonly string[]; readonly lines: string },
  context: CliContext,
): Promise<void> {
  const around = Number(lines);
  if (!Number.isInteger(around) || around < 0) {
    throw new LavaError("BAD_OPTIONS", `--lines: ${lines} is no number of lines`, {
      kind: "usage",
    });
  }
  if (first === "-" && second === "-") {
    throw new LavaError("BAD_OPTIONS", "Only one of the two can be stdin", { kind: "usage" });
  }
  const framework = await import("@lava/framework");
  const found = framework.jsonDiff(
    await readJson(first, context),
    await readJson(second, context),
    {
      ignore,
      lines: around,
    },
  );
  const style = styles(context.stdout);
  const colour = { "-": style.red, "+": style.green, "@": style.cyan };
  for (const line of found) {
    const [mark] = line;
    const paint = mark === "-" || mark === "+" || mark === "@" ? colour[mark] : String;
    printLine(context.stdout, paint(line));
  }
  if (found.length > 0) context.exitStatus = EXIT.failure;
}

interface InjectOptions {
  readonly deep?: readonly string[];
  readonly json?: readonly string[];
  readonly param?: readonly string[];
  readonly hashName?: string;
  readonly hashAlgorithm: string;
  readonly hashIgnore?: readonly string[];
  readonly hashTag: string;
  readonly strict?: boolean;
}

async function jsonInject(options: InjectOptions, context: CliContext): Promise<void> {
  const { dataText, HASH_ALGORITHMS, injectJson } = await import("@lava/framework");
  const { hashName, hashAlgorithm: algorithm } = options;
  if (!HASH_ALGORITHMS.includes(algorithm)) {
    throw new LavaError("BAD_OPTIONS", `--hash-algorithm: ${algorithm} is not supported`, {
      kind: "usage",
      hint: `There are ${HASH_ALGORITHMS.join(", ")}.`,
    });
  }
  const texts = (options.deep ?? []).map(pairOf);
  const values = (options.json ?? [])
    .map(pairOf)
    .map(([name, text]): readonly [string, Data] => [name, jsonOf(text, name)]);
  const data = await readJson("-", context);
  if (!isDataMap(data)) {
    if (options.strict === true) throw new LavaError("BAD_FILE", "stdin: not a JSON object");
    context.stdout.write(dataText(data, "json"));
    return;
  }
  const made = injectJson(data, {
    nested: [...texts, ...values],
    top: (options.param ?? []).map(pairOf),
    ...(hashName === undefined
      ? {}
      : {
          hash: {
            name: hashName,
            algorithm,
            tag: options.hashTag,
            ignore: options.hashIgnore ?? [],
          },
        }),
  });
  context.stdout.write(dataText(made, "json"));
}

async function yaml2json(context: CliContext): Promise<void> {
  const { dataText, readYaml } = await import("@lava/framework");
  const { data = null, errors } = readYaml(await readText("-", context));
  for (const { line, column, message } of errors) {
    printLine(context.stderr, `yaml2json: line ${line}, column ${column}: ${message}`);
  }
  if (errors.length > 0) {
    // A time is sound YAML: it is JSON that has none.
    context.exitStatus = errors.every(({ code }) => code === "bad_value") ? 3 : 2;
    return;
  }
  context.stdout.write(dataText(data, "json"));
}

async function yamlKeyDiff(
  files: readonly string[],
  ignore: readonly string[],
  context: CliContext,
): Promise<void> {
  if (files.length < 2) return;
  const { alignFiles, readYaml } = await import("@lava/framework");
  const read = await Promise.all(
    files.map(async (file) => {
      const { data = {}, errors } = readYaml(await readText(file, context));
      const [first] = errors;
      if (first === undefined) return { file, data };
      throw new LavaError("BAD_FILE", `${file}: line ${first.line}: ${first.message}`);
    }),
  );
  const found = alignFiles(read, ignore);
  for (const { file, message } of found) printLine(context.stdout, `${file}: ${message}`);
  if (found.length > 0) context.exitStatus = EXIT.failure;
}
