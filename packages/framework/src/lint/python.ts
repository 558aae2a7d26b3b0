import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../build/types.ts";
import { CLEAN, type Linter, toolFinding } from "./linter.ts";
import { findTool, runTool } from "./run-tool.ts";

/** The settings of the original's projects, for those without a `.flake8` of their own (FW-265). */
const CONFIG = [
  "--max-line-length=100",
  "--max-complexity=50",
  "--extend-ignore=E203,D401,D202,W503,R504",
];

/** Python sources by flake8 (FW-265). */
export const python: Linter = {
  name: "python",
  async lint(project, files) {
    if (files.python.length === 0) return CLEAN;
    const tool = findTool(project, "flake8");
    if (tool === undefined) {
      return {
        findings: [],
        notes: [`flake8 is not there; ${files.python.length} Python sources were not checked`],
      };
    }
    const config = [".flake8", "setup.cfg", "tox.ini"].some((name) =>
      existsSync(join(project.dir, name)),
    )
      ? []
      : CONFIG;
    const format = "--format=%(path)s\t%(row)d\t%(col)d\t%(code)s %(text)s";
    const { stdout, stderr, status } = await runTool(project, tool, [
      format,
      ...config,
      ...files.python,
    ]);
    const findings = stdout.split("\n").flatMap((text): Finding[] => {
      const [file = "", row, column, message] = text.split("\t");
      if (message === undefined) return [];
      return [
        toolFinding(
          "flake8",
          "error",
          { file, line: Number(row), column: Number(column) },
          message,
        ),
      ];
    });
    const broken = findings.length === 0 && status !== 0;
    return { findings, notes: broken ? [`flake8 failed: ${stderr.trim()}`] : [] };
  },
};
