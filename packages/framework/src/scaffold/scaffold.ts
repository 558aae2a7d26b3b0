import { LavaError } from "@lava/core";
import type { ScaffoldAnswers } from "./questions.ts";

/** A file that scaffolding writes. */
export interface ScaffoldFile {
  /** Relative to the new project. */
  readonly path: string;
  readonly content: string;
  readonly executable: boolean;
}

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
export function completeAnswers(directory: string, _given: ScaffoldAnswers = {}): ScaffoldAnswers {
  throw new LavaError("INVALID_ANSWERS", directory);
}

/** Reads answers from a YAML or JSON file (`--answers`). */
export async function loadAnswers(file: string): Promise<ScaffoldAnswers> {
  throw new LavaError("INVALID_ANSWERS", file);
}

/**
 * Writes a new project into `dir`, which must not exist.
 *
 * @throws {LavaError} INVALID_ANSWERS, ALREADY_EXISTS
 */
export async function scaffoldProject(
  _answers: ScaffoldAnswers,
  dir: string,
  _options: { readonly dryRun?: boolean | undefined } = {},
): Promise<ScaffoldResult> {
  throw new LavaError("ALREADY_EXISTS", dir);
}
