import { formatIssue } from "@lava/core";
import type { CiReport, CiStep } from "./report.ts";

/** A report as JUnit XML: a test suite with a case for each step, and one for each finding. */
export function ciJunit(report: CiReport): string {
  const cases = report.steps.flatMap((step) => casesOf(step, report));
  const count = (text: string): number => cases.filter((item) => item.includes(text)).length;
  const time = report.steps.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3);
  const name = attribute(`lava ${report.project} ${report.env}`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${count("<failure")}" time="${time}">`,
    `  <testsuite name="${name}" tests="${cases.length}" failures="${count("<failure")}" skipped="${count("<skipped")}" errors="0" timestamp="${report.started}" time="${time}">`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function casesOf(step: CiStep, { project, env }: CiReport): string[] {
  const head = (name: string, seconds: number): string =>
    `    <testcase classname="${attribute(`lava.${project}.${env}.${step.name}`)}" name="${attribute(name)}" time="${seconds.toFixed(3)}"`;
  const errors = step.findings.filter(({ severity }) => severity === "error");
  const own =
    step.status === "passed"
      ? `${head(step.name, step.seconds)} />`
      : `${head(step.name, step.seconds)}>\n      ${
          step.status === "skipped"
            ? "<skipped />"
            : `<failure message="${attribute(step.summary)}" type="${step.name}" />`
        }\n    </testcase>`;
  return [
    own,
    ...errors.map((finding) => {
      const text = formatIssue(finding);
      return `${head(`${finding.file ?? project} ${finding.path.join(".")}`.trim(), 0)}>\n      <failure message="${attribute(finding.message)}" type="${attribute(finding.code)}">${attribute(text)}</failure>\n    </testcase>`;
    }),
  ];
}

function attribute(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex -- characters that XML cannot hold
      .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g, "\uFFFD")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("\n", "&#10;")
  );
}
