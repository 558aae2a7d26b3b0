import { formatPath } from "@lava/core";
import type { Finding } from "../build/types.ts";
import { FRAMEWORK_VERSION } from "../version.ts";
import type { CiReport } from "./report.ts";

/** The findings of a report as SARIF 2.1.0, for code scanning: files are relative to the project. */
export function ciSarif(report: CiReport): object {
  const found = new Map<string, Finding>();
  for (const finding of report.steps.flatMap((step) => step.findings)) {
    found.set(JSON.stringify(finding), finding);
  }
  const findings = [...found.values()];
  const rules = [...new Set(findings.map(({ code }) => code))].toSorted();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "lava",
            version: FRAMEWORK_VERSION,
            rules: rules.map((id) => ({ id })),
          },
        },
        results: findings.map((finding) => result(finding, rules)),
      },
    ],
  };
}

function result(finding: Finding, rules: readonly string[]): object {
  const { code, severity, message, path, file, line, column, suggestion } = finding;
  const field = formatPath(path);
  const hint = suggestion === undefined ? "" : ` (did you mean "${suggestion}"?)`;
  return {
    ruleId: code,
    ruleIndex: rules.indexOf(code),
    level: severity,
    message: { text: `${field === "" ? "" : `${field}: `}${message}${hint}` },
    locations:
      file === undefined
        ? []
        : [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(file) },
                ...(line === undefined
                  ? {}
                  : {
                      region: {
                        startLine: line,
                        ...(column === undefined ? {} : { startColumn: column }),
                      },
                    }),
              },
            },
          ],
  };
}
