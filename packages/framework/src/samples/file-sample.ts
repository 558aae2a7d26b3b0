import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { LavaError, suggest } from "@lava/core";
import { createRenderer, findUndefinedNames } from "@lava/render";
import type { ItemSample, SampleQuestion } from "./item-sample.ts";
import { oneOf } from "./one-of.ts";

/** What all specs of a kind have, in a folder of samples. */
const COMMON = "__common__.yaml";
/** `#= name: prompt`. */
const QUESTION = /^\s*#=\s*(\w+):?\s+(.*)/;
/** What is for the writers of samples only. */
const DROPPED = /\s*#-/;
/** What explains. */
const COMMENT = /^\s*##/;

/**
 * The folder with samples of a kind on a path of folders, as the original's developer tool has them: `__common__.yaml`
 * and a file for each type (CLI-215).
 *
 * @throws {LavaError} BAD_SAMPLE when the first folder of that name holds no samples
 */
export function sampleFolder(
  kind: string,
  searchPath: string | undefined,
): SampleFolder | undefined {
  const folder = (searchPath ?? "")
    .split(":")
    .filter((place) => place !== "")
    .map((place) => join(place, kind))
    .find((place) => existsSync(place));
  if (folder === undefined) return undefined;
  if (!statSync(folder).isDirectory() || !existsSync(join(folder, COMMON))) {
    throw badSample(folder, `is no folder of samples: it has no ${COMMON}`);
  }
  const types = readdirSync(folder)
    .filter((name) => /^[A-Za-z].*\.yaml$/.test(name))
    .map((name) => name.replace(/\.yaml$/, ""))
    .toSorted();
  return {
    types,
    sample(type) {
      const own =
        types.length === 0 && type === undefined ? [] : [oneOf(`${kind} type`, type ?? "", types)];
      return readSample(
        [COMMON, ...own.map((name) => `${name}.yaml`)].map((name) => join(folder, name)),
      );
    },
  };
}

/** Samples of one kind in files. */
export interface SampleFolder {
  /** Types of which there are samples; none where the kind has no types. */
  readonly types: readonly string[];
  /**
   * The sample of a type, or of the one whose name begins so.
   *
   * @throws {LavaError} NO_SUCH_SAMPLE, BAD_SAMPLE
   */
  sample(type?: string): ItemSample;
}

/** One sample out of several files, with the marks of CLI-216. */
function readSample(files: readonly string[]): ItemSample {
  const questions: (SampleQuestion & { readonly file: string })[] = [];
  const lines: string[] = [];
  for (const file of files) {
    for (const line of readFileSync(file, "utf8").trimEnd().split(/\r?\n/)) {
      const [, name, prompt = ""] = QUESTION.exec(line) ?? [];
      if (DROPPED.test(line)) continue;
      if (name === undefined) lines.push(line);
      else questions.push({ name, prompt, file });
    }
  }
  checkNames(questions, lines.join("\n"), files);
  return {
    questions,
    text(values, { comments = true } = {}) {
      const kept = comments ? lines : lines.filter((line) => !COMMENT.test(line));
      return `${createRenderer().render(kept.join("\n"), values)}\n`;
    },
  };
}

/** Every question has its place, and every place its question (CLI-216). */
function checkNames(
  questions: readonly { readonly name: string; readonly file: string }[],
  text: string,
  files: readonly string[],
): void {
  const marks = [...text.matchAll(/\{[{%][^]*?[%}]\}/g)].join("\n");
  for (const { name, file } of questions) {
    if (new RegExp(String.raw`\b${name}\b`).test(marks)) continue;
    throw badSample(file, `the question ${name} is asked, but its answer is used nowhere`);
  }
  const names = questions.map(({ name }) => name);
  const context = Object.fromEntries(names.map((name) => [name, ""]));
  const [fault] = findUndefinedNames(text, context);
  if (fault === undefined) return;
  const name = /^'(\w+)'/.exec(fault.message)?.[1] ?? "";
  const near = suggest(name, names);
  throw badSample(
    files.at(-1) ?? "",
    `${name} is used, but no line \`#= ${name}: prompt\` asks for it`,
    near === undefined ? undefined : `Did you mean ${near}?`,
  );
}

function badSample(file: string, what: string, hint?: string): LavaError {
  return new LavaError("BAD_SAMPLE", `${file}: ${what}`, {
    kind: "usage",
    ...(hint === undefined ? {} : { hint }),
  });
}
