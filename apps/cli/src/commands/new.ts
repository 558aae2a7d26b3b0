import { resolve } from "node:path";
import { LavaError } from "@lava/core";
import type { ScaffoldAnswers } from "@lava/framework";
import { collect, parseAssignments } from "../assignments.ts";
import type { CliContext, Register } from "../command.ts";
import { helpExamples } from "../help-examples.ts";
import { printJson, printLine } from "../output.ts";
import { openQuestions } from "../questions.ts";

interface NewOptions {
  readonly input: boolean;
  readonly param?: string[];
  readonly answers?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `lava new`. */
export const registerNew: Register = (program, context) => {
  program
    .command("new")
    .description("make a new project; asks for what it needs to know")
    .argument("<dir>", "folder of the project, which must not exist")
    .option("--no-input", "ask nothing: defaults, --answers and -p")
    .option(
      "-p, --param <key=value>",
      "an answer, or the default of its question (repeatable)",
      collect,
    )
    .option("--answers <file>", "answers from a YAML or JSON file")
    .option("--dry-run", "only list the files")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      helpExamples(
        ["lava new my-project", "asks for what it needs to know"],
        ["lava new p --no-input -p realm=dev -p owner=me -p description=x", "asks nothing"],
      ),
    )
    .action((dir: string, options: NewOptions) => create(dir, options, context));
};

async function create(dir: string, options: NewOptions, context: CliContext): Promise<void> {
  const { completeAnswers, loadAnswers, scaffoldProject } = await import("@lava/framework");
  const target = resolve(context.cwd, dir);
  const given: Record<string, string> = {
    ...(options.answers === undefined
      ? {}
      : await loadAnswers(resolve(context.cwd, options.answers))),
  };
  for (const [key, value] of Object.entries(parseAssignments(options.param) ?? {}))
    given[key] = String(value);
  const answers = completeAnswers(dir, options.input ? await ask(dir, given, context) : given);
  const result = await scaffoldProject(answers, target, { dryRun: options.dryRun });
  if (options.json) {
    printJson(context.stdout, { dir: result.dir, files: result.files.map(({ path }) => path) });
    return;
  }
  if (options.dryRun) for (const { path } of result.files) printLine(context.stdout, path);
  else {
    printLine(context.stdout, `Created ${result.dir}`);
    printLine(context.stderr, `next: cd ${dir} && lava init && lava check && lava dev up`);
  }
}

/** Asks each question whose answer was not given, with its default (FW-025). */
async function ask(
  dir: string,
  given: ScaffoldAnswers,
  context: CliContext,
): Promise<ScaffoldAnswers> {
  const { scaffoldQuestions } = await import("@lava/framework");
  if (context.stdin.isTTY !== true) {
    throw new LavaError("NOT_A_TERMINAL", "There is nobody to ask: standard input is no terminal", {
      hint: "Give --no-input, and answers by -p KEY=VALUE or --answers FILE.",
      kind: "usage",
    });
  }
  using questions = openQuestions(context);
  const answers: Record<string, string> = { project_dir: dir };
  for (const question of scaffoldQuestions) {
    const fallback = given[question.key] ?? question.default({ ...answers, project_dir: dir });
    const choices = question.choices === undefined ? "" : ` (${question.choices.join(", ")})`;
    for (;;) {
      const entered = await questions.ask(`${question.prompt}${choices} [${fallback}]: `);
      const value = entered === "" ? fallback : entered;
      const wrong =
        question.choices !== undefined && !question.choices.includes(value)
          ? `one of ${question.choices.join(", ")}`
          : question.required && value === ""
            ? "it must be given"
            : value === ""
              ? undefined
              : question.check?.(value, answers);
      if (wrong === undefined) {
        answers[question.key] = value;
        break;
      }
      printLine(context.stderr, `${question.key}: ${wrong}`);
    }
  }
  return answers;
}
