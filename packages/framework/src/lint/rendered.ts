import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OnRendered } from "../build/build-spec.ts";
import type { Prepared } from "../build/prepare.ts";
import type { Finding } from "../build/types.ts";
import type { Project } from "../project.ts";
import { sqlFault } from "./sql-balance.ts";
import { VALUE_RULES, yamlStyle } from "./yaml-style.ts";

/** The value rules of YAML on rendered specs: what rendering breaks, and the source does not show (FW-268). */
export function createRenderedLint(project: Project): {
  readonly findings: readonly Finding[];
  readonly onRendered: OnRendered;
} {
  const findings: Finding[] = [];
  const isOff = project.settings.lint.yaml === false;
  return {
    findings,
    onRendered(spec, rendered, place) {
      if (isOff || spec.format !== "yaml") return;
      const remarks = yamlStyle(rendered).filter(({ code }) => VALUE_RULES.has(ruleOf(code)));
      if (remarks.length === 0) return;
      const raw = yamlStyle(readFileSync(join(project.dir, spec.source), "utf8"));
      for (const remark of remarks) {
        const at = place(remark);
        if (raw.some(({ code, line }) => code === remark.code && line === at.line)) continue;
        findings.push({
          ...remark,
          ...at,
          severity: "warning",
          message: `once rendered: ${remark.message}`,
        });
      }
    },
  };
}

function ruleOf(code: string): string {
  return code.slice("yaml_".length).replaceAll("_", "-");
}

/** SQL payloads as they are rendered: what is never closed (FW-273). */
export function sqlFindings(project: Project, prepared: readonly Prepared[]): Finding[] {
  if (project.settings.lint.sql === false) return [];
  return prepared.flatMap(({ entry, files }) =>
    files.flatMap(({ path, content }): Finding[] => {
      if (!path.endsWith(".sql")) return [];
      const fault = sqlFault(Buffer.from(content).toString("utf8"));
      return fault === undefined ? [] : [{ ...fault, severity: "warning", file: entry.source }];
    }),
  );
}
