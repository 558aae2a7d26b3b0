import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline/promises";
import { LavaError } from "@lava/core";
import type { ItemSample } from "@lava/framework";
import { collect } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printLine } from "../output.ts";
import { openCurrentProject } from "../project-access.ts";

interface ItemOptions {
  readonly comments: boolean;
  readonly json?: boolean;
  readonly param?: string[];
  readonly allParams?: string;
  readonly out?: string;
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
  const { dataText, itemSample, readYaml } = await import("@lava/framework");
  const sample = itemSample(kind, type);
  const values = await valuesOf(sample, options, context);
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

/** Given values, else the one for all, else what is entered, else defaults; prompts are not on stdout (CLI-215). */
async function valuesOf(
  { questions }: ItemSample,
  options: ItemOptions,
  context: CliContext,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const word of options.param ?? []) {
    const at = word.indexOf("=");
    const name = word.slice(0, Math.max(0, at));
    if (!questions.some((question) => question.name === name)) {
      throw new LavaError(
        "BAD_ASSIGNMENT",
        `${word}: expected one of ${questions.map((one) => one.name).join(", ")}, and a value`,
        {
          kind: "usage",
        },
      );
    }
    values[name] = word.slice(at + 1);
  }
  const open = questions.filter(({ name }) => values[name] === undefined);
  if (options.allParams !== undefined)
    for (const { name } of open) values[name] = options.allParams;
  else if (context.stdin.isTTY === true) {
    const prompt = createInterface({ input: context.stdin });
    try {
      for (const { name, prompt: text, default: fallback } of open) {
        context.stderr.write(`${text} (${name}) [${fallback}]: `);
        const entered = (await prompt.question("", { signal: context.signal })).trim();
        if (entered !== "") values[name] = entered;
      }
    } finally {
      prompt.close();
    }
  }
  return values;
}
