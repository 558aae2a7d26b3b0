import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "../project.ts";
import { readYaml } from "../yaml/read.ts";
import { CLEAN, type Linter, toolFinding } from "./linter.ts";
import { findTool, runTool } from "./run-tool.ts";
import { yamlStyle } from "./yaml-style.ts";

/** The rules of the original's projects, for those that have no `.yamllint.yaml` of their own. */
const CONFIG = `{extends: default, rules: {comments-indentation: {level: error}, document-start: disable,
  line-length: disable, braces: {min-spaces-inside: 0, max-spaces-inside: 2},
  brackets: {min-spaces-inside: 0, max-spaces-inside: 2}, colons: {max-spaces-before: 0, max-spaces-after: -1},
  commas: {max-spaces-before: 0}, empty-values: {forbid-in-block-mappings: true, forbid-in-flow-mappings: true},
  hyphens: {max-spaces-after: 1}, indentation: {spaces: consistent}, octal-values: {forbid-implicit-octal: true},
  truthy: {}}}`;

const LINE = /^(.*?):(\d+):(\d+): \[(error|warning)\] (.*)$/;

/** A mark of the build. A source with such marks need not be YAML before it is rendered, as it is for the original. */
const MARK = /<[%{#]/;

/** Unrendered YAML: by yamllint where it is there, else by lava's own rules of the same names (FW-266, FW-267). */
export const yaml: Linter = {
  name: "yaml",
  async lint(project, files) {
    if (files.yaml.length === 0) return CLEAN;
    const tool = findTool(project, "yamllint");
    if (tool === undefined) {
      return {
        findings: files.yaml.flatMap((file) =>
          ownRules(readFileSync(join(project.dir, file), "utf8"), file),
        ),
        notes: ["yamllint is not there; YAML was checked by lava's own rules"],
      };
    }
    const own = [".yamllint", ".yamllint.yaml", ".yamllint.yml"];
    const config = own.some((name) => existsSync(join(project.dir, name))) ? [] : ["-d", CONFIG];
    const { stdout, stderr, status } = await runTool(project, tool, [
      "-f",
      "parsable",
      ...config,
      ...files.yaml,
    ]);
    const findings = stdout.split("\n").flatMap((text) => {
      const match = LINE.exec(text);
      if (match === null) return [];
      const [, file = "", line, column, level, message = ""] = match;
      if (message.endsWith("(syntax)") && isTemplate(project, file)) return [];
      const place = { file, line: Number(line), column: Number(column) };
      return [toolFinding("yamllint", level === "error" ? "error" : "warning", place, message)];
    });
    const broken = findings.length === 0 && status > 1 ? [`yamllint failed: ${stderr.trim()}`] : [];
    return { findings, notes: broken };
  },
};

function isTemplate(project: Project, file: string): boolean {
  return MARK.test(readFileSync(join(project.dir, file), "utf8"));
}

function ownRules(text: string, file: string): ReturnType<typeof toolFinding>[] {
  // What is no YAML before it is rendered cannot be judged for its style.
  const [fault] = readYaml(text, { times: "keep" }).errors;
  if (fault !== undefined) {
    if (MARK.test(text)) return [];
    return [
      {
        ...toolFinding("bad_yaml", "error", { file }, fault.message),
        line: fault.line,
        column: fault.column,
      },
    ];
  }
  return yamlStyle(text).map((remark) => ({ ...remark, file }));
}
