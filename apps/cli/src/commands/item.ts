import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LavaError } from "@lava/core";
import type { ItemSample } from "@lava/framework";
import { collect } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printLine } from "../output.ts";
import { openCurrentProject } from "../project-access.ts";
import { openQuestions, type Questions } from "../questions.ts";

interface ItemOptions {
  readonly comments: boolean;
  readonly json?: boolean;
  readonly param?: string[];
  readonly allParams?: string;
  readonly out?: string;
  readonly templatePath?: string;
}

const FOLDERS: Readonly<Record<string, string>> = {
  c: "lava-connections",
  j: "lava-jobs",
  r: "lava-rules",
  s: "lava-triggers",
};

/** `lava item`. */
export const registerItem: Register = (program, context) => {
  program
    .command("item")
    .description("print a new spec to start from, or write it into the project with --out")
    .argument("<kind>", "connection, job, rule or s3trigger, or the beginning of one")
    .argument("[type]", "type of the job or connection, or the beginning of one")
    .option("-C, --no-comments", "leave out what is optional")
    .option("-j, --json", "JSON, not YAML")
    .option("-p, --param <name=value>", "a value (repeatable)", collect)
    .option("-P, --all-params <value>", "the value of whatever is not given")
    .option(
      "-t, --template-path <folders>",
      "folders of samples of your own, with `:` between them (default: $LAVA_TEMPLATE_PATH)",
    )
    .option("-o, --out <name>", "write it to lava-.../<name>.yaml of this project")
    .addHelpText(
      "after",
      helpExamples(
        ["lava item job exe -p name=load", "a job that runs a program"],
        ["lava item conn postgres -o db", "written to lava-connections/db.yaml"],
      ),
    )
    .action((kind: string, type: string | undefined, options: ItemOptions) =>
      item(kind, type, options, context),
    );
};

async function item(
  kind: string,
  type: string | undefined,
  options: ItemOptions,
  context: CliContext,
): Promise<void> {
  const { dataText, readYaml } = await import("@lava/framework");
  using questions = context.stdin.isTTY === true ? openQuestions(context) : undefined;
  const sample = await sampleOf(kind, type, options, { ...context, questions });
  const values = await valuesOf(sample, options, questions);
  const yaml = sample.text(values, { comments: options.comments && options.json !== true });
  const text = options.json === true ? dataText(readYaml(yaml).data ?? null, "json") : yaml;
  if (options.out === undefined) {
    context.stdout.write(text);
    return;
  }
  const project = await openCurrentProject(context);
  const suffix = options.json === true ? "json" : "yaml";
  const file = join(
    project.dir,
    FOLDERS[kind.charAt(0)] ?? "",
    `${options.out.replace(/\.(?:yaml|json)$/, "")}.${suffix}`,
  );
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text, { flag: "wx" }).catch((error: unknown) => {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EEXIST") throw error;
    throw new LavaError("ALREADY_EXISTS", `${file} already exists`, {
      hint: "Choose another name.",
    });
  });
  printLine(context.stdout, file);
}

/** The sample of the user's own folders, else lava's; a type that is needed is asked for (CLI-214). */
async function sampleOf(
  kind: string,
  type: string | undefined,
  { templatePath }: ItemOptions,
  { questions, env, cwd }: Pick<CliContext, "env" | "cwd"> & { questions: Questions | undefined },
): Promise<ItemSample> {
  const { itemSample, sampleFolder, sampleKinds, sampleTypes } = await import("@lava/framework");
  const path = templatePath ?? env["LAVA_TEMPLATE_PATH"];
  const whole = sampleKinds.find((one) => one.startsWith(kind)) ?? kind;
  const own = sampleFolder(whole, path?.replaceAll(/(^|:)(?=[^/:])/g, `$1${cwd}/`));
  const types = own?.types ?? sampleTypes(kind).types;
  const chosen =
    type === undefined && types.length > 0 && questions !== undefined
      ? await askForType(whole, types, questions)
      : type;
  return own === undefined ? itemSample(kind, chosen) : own.sample(chosen);
}

/** One of the types, or the beginning of one; asked again until it is. */
async function askForType(
  kind: string,
  types: readonly string[],
  questions: Questions,
): Promise<string> {
  for (let note = ""; ;) {
    const entered = await questions.ask(`${note}Type of the ${kind}: `);
    const found = types.filter((one) => one.startsWith(entered));
    const [only, another] = types.includes(entered) ? [entered] : found;
    if (only !== undefined && another === undefined) return only;
    note =
      entered !== "" && found.length > 0
        ? `${entered} may be ${found.join(", ")}.\n`
        : `${entered === "" ? "" : `${entered} is no type. `}The types are ${types.join(", ")}.\n`;
  }
}

/** Given values, else the one for all, else what is entered, else defaults; prompts are not on stdout (CLI-215). */
async function valuesOf(
  sample: ItemSample,
  options: ItemOptions,
  questions: Questions | undefined,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const word of options.param ?? []) {
    const at = word.indexOf("=");
    const name = word.slice(0, Math.max(0, at));
    if (!sample.questions.some((question) => question.name === name)) {
      throw new LavaError(
        "BAD_ASSIGNMENT",
        `${word}: expected one of ${sample.questions.map((one) => one.name).join(", ")}, and a value`,
        {
          kind: "usage",
        },
      );
    }
    values[name] = word.slice(at + 1);
  }
  const open = sample.questions.filter(({ name }) => values[name] === undefined);
  if (options.allParams !== undefined)
    for (const { name } of open) values[name] = options.allParams;
  else if (questions !== undefined) {
    for (const { name, prompt, default: fallback } of open) {
      const otherwise = fallback === undefined ? "" : ` [${fallback}]`;
      const entered = await questions.ask(`${prompt} (${name})${otherwise}: `);
      if (entered !== "") values[name] = entered;
    }
  }
  const needed = open.find(
    ({ name, default: fallback }) => values[name] === undefined && fallback === undefined,
  );
  if (needed === undefined) return values;
  throw new LavaError("BAD_ASSIGNMENT", `${needed.name} has no value: ${needed.prompt}`, {
    kind: "usage",
    hint: `Give it by -p ${needed.name}=VALUE, or one value for all by -P VALUE.`,
  });
}
