import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { errorText, isMap, parseJson, inParallel } from "@lava/core";
import type { Finding } from "../build/types.ts";
import { CLEAN, type Linter, toolFinding } from "./linter.ts";
import { findTool, runTool } from "./run-tool.ts";

/** JavaScript and TypeScript payloads: their syntax by Node.js, and by the project's own eslint if it has one (FW-273). */
export const script: Linter = {
  name: "script",
  async lint(project, files) {
    if (files.script.length === 0) return CLEAN;
    const found = await inParallel(files.script, 2, async (file): Promise<Finding[]> => {
      if (/\.[cm]?ts$/.test(file)) return typeScript(project.dir, file);
      const { status, stderr } = await runTool(project, process.execPath, ["--check", file]);
      if (status === 0) return [];
      const line = /^.*?:(\d+)$/m.exec(stderr)?.[1];
      const message = /^\w*Error: .*$/m.exec(stderr)?.[0] ?? "the file is no JavaScript";
      return [
        toolFinding(
          "bad_syntax",
          "error",
          { file, ...(line === undefined ? {} : { line: Number(line) }) },
          message,
        ),
      ];
    });
    const findings = found.flat();
    const eslint = findTool(project, "eslint");
    if (eslint === undefined || findings.length > 0) return { findings, notes: [] };
    return await ownRules(project, eslint, files.script);
  },
};

function typeScript(root: string, file: string): Finding[] {
  try {
    stripTypeScriptTypes(readFileSync(join(root, file), "utf8"), { mode: "transform" });
    return [];
  } catch (error) {
    const line = /:(\d+):\d+/.exec(errorText(error))?.[1];
    const message = errorText(error).trim().split("\n").at(0) ?? "the file is no TypeScript";
    return [
      toolFinding(
        "bad_syntax",
        "error",
        { file, ...(line === undefined ? {} : { line: Number(line) }) },
        message,
      ),
    ];
  }
}

async function ownRules(
  project: Parameters<Linter["lint"]>[0],
  eslint: string,
  files: readonly string[],
): ReturnType<Linter["lint"]> {
  const { stdout, stderr } = await runTool(project, eslint, ["-f", "json", ...files]);
  const report = stdout.startsWith("[") ? parseJson(stdout) : undefined;
  if (!Array.isArray(report))
    return { findings: [], notes: [`eslint failed: ${stderr.trim().split("\n")[0] ?? ""}`] };
  const findings = report.flatMap((result: unknown): Finding[] => {
    if (!isMap(result) || !Array.isArray(result["messages"])) return [];
    const file = String(result["filePath"]).replace(`${project.dir}/`, "");
    return result["messages"].filter(isMap).map((item) => {
      const place = { file, line: Number(item["line"]), column: Number(item["column"]) };
      const severity = item["severity"] === 2 ? "error" : "warning";
      return toolFinding(
        "eslint",
        severity,
        place,
        `${String(item["message"])} (${String(item["ruleId"])})`,
      );
    });
  });
  return { findings, notes: [] };
}
