import { isMap, parseJson } from "@lava/core";
import type { Finding } from "../build/types.ts";
import { CLEAN, type Linter, toolFinding } from "./linter.ts";
import { findTool, runTool } from "./run-tool.ts";

/** Shell payloads by shellcheck: its errors and warnings (FW-273). */
export const shell: Linter = {
  name: "shell",
  async lint(project, files) {
    if (files.shell.length === 0) return CLEAN;
    const tool = findTool(project, "shellcheck");
    if (tool === undefined) {
      return {
        findings: [],
        notes: [`shellcheck is not there; ${files.shell.length} shell payloads were not checked`],
      };
    }
    const { stdout, stderr } = await runTool(project, tool, [
      "-f",
      "json1",
      "-S",
      "warning",
      ...files.shell,
    ]);
    const report = stdout.trim() === "" ? undefined : parseJson(stdout);
    const comments = isMap(report) ? report["comments"] : undefined;
    if (!Array.isArray(comments))
      return { findings: [], notes: [`shellcheck failed: ${stderr.trim()}`] };
    const findings = comments.flatMap((item: unknown): Finding[] => {
      if (!isMap(item)) return [];
      const place = {
        file: String(item["file"]),
        line: Number(item["line"]),
        column: Number(item["column"]),
      };
      const severity = item["level"] === "error" ? "error" : "warning";
      return [
        toolFinding(
          "shellcheck",
          severity,
          place,
          `SC${String(item["code"])} ${String(item["message"])}`,
        ),
      ];
    });
    return { findings, notes: [] };
  },
};
