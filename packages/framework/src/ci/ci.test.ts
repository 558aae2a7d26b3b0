import { expect, test } from "vitest";
import { ciJunit } from "./junit.ts";
import { ciMarkdown } from "./markdown.ts";
import type { CiReport } from "./report.ts";
import { ciSarif } from "./sarif.ts";

const report: CiReport = {
  project: "p",
  env: "uat",
  started: "2026-11-25T10:00:00.000Z",
  ok: false,
  steps: [
    {
      name: "check",
      status: "failed",
      seconds: 1.25,
      summary: "1 error | 1 warning",
      findings: [
        {
          severity: "error",
          code: "unknown_field",
          path: ["parameters", "arg"],
          message: 'unknown field "arg" <x>',
          suggestion: "args",
          file: "lava-jobs/ä b.yaml",
          line: 7,
          column: 3,
        },
        { severity: "warning", code: "config", path: [], message: "no file\nto name" },
      ],
    },
    { name: "build", status: "skipped", seconds: 0, summary: "", findings: [] },
  ],
};

test("Markdown has the steps and the findings, in lines that are not broken by what they say", () => {
  expect(ciMarkdown(report).split("\n")).toEqual([
    "## ❌ lava: p → uat",
    "",
    "| step | | time | |",
    "| --- | --- | --- | --- |",
    "| check | ❌ failed | 1.3 s | 1 error \\| 1 warning |",
    "| build | ⏭️ skipped | 0 ms |  |",
    "",
    "### Findings",
    "",
    '- **error** lava-jobs/ä b.yaml:7:3: parameters.arg: unknown field "arg" &lt;x> (did you mean "args"?)',
    "- **warning** no file to name",
    "",
  ]);
});

test("JUnit has a case for each step and each error, escaped", () => {
  const xml = ciJunit(report);

  expect(xml).toContain('tests="3" failures="2" skipped="1"');
  expect(xml).toContain(
    '<failure message="unknown field &quot;arg&quot; &lt;x&gt;" type="unknown_field">',
  );
  expect(xml).toContain("<skipped />");
});

test("SARIF has each finding at its place", () => {
  expect(ciSarif(report)).toMatchObject({
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "lava", rules: [{ id: "config" }, { id: "unknown_field" }] } },
        results: [
          {
            ruleId: "unknown_field",
            ruleIndex: 1,
            level: "error",
            message: { text: 'parameters.arg: unknown field "arg" <x> (did you mean "args"?)' },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: "lava-jobs/%C3%A4%20b.yaml" },
                  region: { startLine: 7, startColumn: 3 },
                },
              },
            ],
          },
          { ruleId: "config", level: "warning", locations: [] },
        ],
      },
    ],
  });
});
