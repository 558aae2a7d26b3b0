import type { Finding } from "../build/types.ts";
import type { Project } from "../project.ts";
import type { LintFiles } from "./lint-files.ts";

/** What a linter found, and what people should know of how it looked. */
export interface LintOutcome {
  readonly findings: readonly Finding[];
  /** Such as that a tool is not there. */
  readonly notes: readonly string[];
}

/** Looks at sources of one language, with the language's own tool where that is there (FW-265, FW-266, FW-273). */
export interface Linter {
  readonly name: string;
  lint(project: Project, files: LintFiles): Promise<LintOutcome>;
}

/** Nothing to say. */
export const CLEAN: LintOutcome = { findings: [], notes: [] };

/** A finding of a tool that names file, line and column in its own words. */
export function toolFinding(
  tool: string,
  severity: Finding["severity"],
  place: { readonly file: string; readonly line?: number; readonly column?: number },
  message: string,
): Finding {
  const { file, line, column } = place;
  return {
    severity,
    path: [],
    code: tool,
    message,
    file: file.replace(/^\.\//, ""),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}
