import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isMap, type Issue, LavaError, suggest } from "@lava/core";
import { parse } from "yaml";
import { type ScaffoldAnswers, scaffoldQuestions } from "./questions.ts";
import type { ScaffoldFile } from "./scaffold-file.ts";

/** What was (or with `dryRun` would be) written. */
export interface ScaffoldResult {
  /** Absolute. */
  readonly dir: string;
  readonly files: readonly ScaffoldFile[];
}

/**
 * All answers, from those that were given and the defaults for the rest.
 *
 * @param directory the argument of `lava new`
 * @throws {LavaError} INVALID_ANSWERS with all issues: unknown keys, missing and wrong values (FW-027, CLI-125)
 */
export function completeAnswers(directory: string, given: ScaffoldAnswers = {}): ScaffoldAnswers {
  const keys = scaffoldQuestions.map(({ key }) => key);
  const issues: Issue[] = Object.keys(given)
    .filter((key) => !keys.includes(key))
    .map((key) => {
      const near = suggest(key, keys);
      return {
        path: [key],
        code: "unknown_field",
        message: `unknown key; the keys are ${keys.join(", ")}`,
        ...(near === undefined ? {} : { suggestion: near }),
      };
    });
  const answers: Record<string, string> = { project_dir: given["project_dir"] ?? directory };
  for (const { key, default: fallback, required, choices, check } of scaffoldQuestions) {
    const value = given[key] ?? (key === "project_dir" ? directory : fallback(answers));
    answers[key] = value;
    if (value === "") {
      if (required) issues.push({ path: [key], code: "required", message: "must be specified" });
      continue;
    }
    // Defaults are made of other answers: they are only as good as those.
    if (given[key] === undefined && issues.length > 0) continue;
    const wrong =
      choices === undefined || choices.includes(value)
        ? check?.(value, answers)
        : `one of ${choices.join(", ")}`;
    if (wrong !== undefined) {
      issues.push({ path: [key], code: "invalid_value", message: `"${value}": expected ${wrong}` });
    }
  }
  if (issues.length > 0) {
    throw new LavaError(
      "INVALID_ANSWERS",
      `The answers for ${directory} are not complete or not valid`,
      {
        issues,
        hint: `Give them by -p KEY=VALUE or --answers FILE: lava new ${directory} --no-input -p realm=dev -p owner=me -p description=Test`,
      },
    );
  }
  return answers;
}

/**
 * Reads answers from a YAML or JSON file (`--answers`).
 *
 * @throws {LavaError} INVALID_ANSWERS
 */
export async function loadAnswers(file: string): Promise<ScaffoldAnswers> {
  let data: unknown;
  try {
    data = parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new LavaError("INVALID_ANSWERS", `${file} cannot be read as YAML or JSON`, {
      cause: error,
    });
  }
  // The file that scaffolding leaves behind has the answers under one key.
  const answers = isMap(data) && isMap(data["cookiecutter"]) ? data["cookiecutter"] : data;
  if (!isMap(answers)) throw new LavaError("INVALID_ANSWERS", `${file} is not a map of answers`);
  return Object.fromEntries(
    Object.entries(answers)
      .filter(([key]) => !key.startsWith("_"))
      .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/**
 * Writes a new project into `dir`, which must not exist: into a folder beside it first, so that a project is there
 * whole or not at all.
 *
 * @throws {LavaError} INVALID_ANSWERS, ALREADY_EXISTS
 */
export async function scaffoldProject(
  answers: ScaffoldAnswers,
  dir: string,
  options: { readonly dryRun?: boolean | undefined } = {},
): Promise<ScaffoldResult> {
  const target = resolve(dir);
  if (existsSync(target)) {
    throw new LavaError("ALREADY_EXISTS", `${target} already exists`, {
      hint: "Choose another folder; nothing was changed.",
    });
  }
  const complete = completeAnswers(dir, answers);
  // The schemas that come with it take a while to load, and no other command of a project needs them.
  const { projectFiles } = await import("./project-files.ts");
  const files = projectFiles(complete);
  if (options.dryRun === true) return { dir: target, files };
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  try {
    for (const { path, content, executable } of files) {
      const file = join(draft, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      if (executable) await chmod(file, 0o755);
    }
    await chmod(draft, 0o755);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  return { dir: target, files };
}
