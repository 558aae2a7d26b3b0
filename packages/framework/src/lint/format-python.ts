import { LavaError } from "@lava/core";
import type { Project } from "../project.ts";
import { lintFiles } from "./lint-files.ts";
import { findTool, runTool } from "./run-tool.ts";

/**
 * Formats the Python sources of payloads and misc with black: lines of 100 characters, quotes as they are (FW-272).
 *
 * @returns the files that were changed, or with `check` would be
 * @throws {LavaError} NO_SUCH_TOOL, TOOL_FAILED
 */
export async function formatPython(
  project: Project,
  options: { readonly check?: boolean } = {},
): Promise<string[]> {
  const files = lintFiles(project).python.filter((file) => /^(?:lava-payloads|misc)\//.test(file));
  if (files.length === 0) return [];
  const tool = findTool(project, "black");
  if (tool === undefined) {
    throw new LavaError("NO_SUCH_TOOL", "black is not there, which formats Python sources", {
      hint: "Install it: pip install black.",
    });
  }
  const check = options.check === true ? ["--check"] : [];
  const { status, stderr } = await runTool(project, tool, [
    ...["-l", "100", "-S"],
    ...check,
    ...files,
  ]);
  if (status > 1) {
    const faults = stderr.split("\n").filter((line) => line.startsWith("error:"));
    throw new LavaError("TOOL_FAILED", `black: ${faults.join("; ") || stderr.trim()}`);
  }
  return stderr.split("\n").flatMap((line) => {
    const file = /^(?:would reformat|reformatted) (.*)$/.exec(line)?.[1];
    return file === undefined ? [] : [file.replace(`${project.dir}/`, "")];
  });
}
