import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testProject } from "../../test/test-project.ts";
import { checkProject } from "../check.ts";
import { formatPython } from "./format-python.ts";
import { linters } from "./index.ts";
import { sqlFault } from "./sql-balance.ts";
import { yamlStyle } from "./yaml-style.ts";

const job = (id: string, more = ""): string =>
  `job_id: app/test/${id}\ndescription: d\nowner: o\nenabled: true\nworker: core\ntype: cmd\npayload: echo\n${more}`;
const PATH = { PATH: process.env["PATH"] ?? "" };

async function check(files: Record<string, string>, environ: Record<string, string> = PATH) {
  using project = testProject({ "lava-jobs/a.yaml": job("a"), ...files });
  const { issues, notes } = await checkProject(await project.open(environ), { env: "dev" });
  return {
    notes,
    issues: issues.map(
      ({ severity, file, line, code, message }) => `${severity} ${file}:${line} ${code} ${message}`,
    ),
  };
}

test("each linter has one file, named in the index", () => {
  const shared = [
    "format-python",
    "index",
    "lint-files",
    "linter",
    "rendered",
    "run-tool",
    "sql-balance",
    "yaml-style",
  ];
  const files = readdirSync(import.meta.dirname)
    .filter((name) => !name.endsWith(".test.ts"))
    .map((name) => name.replace(".ts", ""));
  expect(files.filter((name) => !shared.includes(name)).sort()).toEqual(
    Object.keys(linters).sort(),
  );
});

test("Python is checked by flake8, also payloads without a suffix; not what the framework brought (FW-265)", async () => {
  const { issues, notes } = await check({
    "lava-payloads/a.py": "#!/usr/bin/env python3\nimport os\n",
    "lava-payloads/b": "#!/usr/bin/env python3\nprint(nothing)\n",
    "lava-payloads/b.md": "import os\n",
    "bin/tool.py": "import os\n",
  });
  expect(notes).toEqual([]);
  expect(issues.filter((text) => text.includes("flake8"))).toEqual([
    "error lava-payloads/a.py:2 flake8 F401 'os' imported but unused",
    "error lava-payloads/b:2 flake8 F821 undefined name 'nothing'",
  ]);
});

test("files that the build renders are templates, not programs yet (FW-078)", async () => {
  const broken = "#!/bin/sh\nX=<{ realm }>\nif\n";
  const { issues } = await check({
    "lava-payloads/p.pkg/env/a.sh": broken,
    "lava-payloads/r.rsc/b.sh": broken,
    "lava-payloads/p.pkg/c.sh": broken,
  });

  expect(new Set(issues.flatMap((text) => /lava-payloads\S+\.sh/.exec(text) ?? []))).toEqual(
    new Set(["lava-payloads/p.pkg/c.sh"]),
  );
});

test("shell payloads are checked by shellcheck (FW-273)", async () => {
  const { issues } = await check({
    "lava-payloads/a.sh": "#!/bin/sh\nif true; then\n",
    "lava-payloads/b.sh": "#!/bin/sh\ncd /nowhere\n",
  });
  const found = issues.filter((text) => text.includes("shellcheck"));
  expect(found[0]).toMatch(/^error lava-payloads\/a\.sh:\d+ shellcheck SC\d+ /);
  expect(found.at(-1)).toMatch(/^warning lava-payloads\/b\.sh:2 shellcheck SC2164 /);
});

test("JavaScript and TypeScript payloads have to parse (FW-273)", async () => {
  const { issues } = await check({
    "lava-payloads/a.js": "#!/usr/bin/env node\nconst a = ;\n",
    "lava-payloads/b.mjs": "#!/usr/bin/env node\nawait fetch('x');\n",
    "lava-payloads/p.pkg/run.ts": "enum A { b }\nconst c: number = A.b;\n",
    "lava-payloads/p.pkg/bad.ts": "const x: = 1;\n",
  });
  const found = issues.filter((text) => text.includes("bad_syntax"));
  expect(found).toHaveLength(2);
  expect(found[0]).toMatch(/^error lava-payloads\/a\.js:2 bad_syntax SyntaxError/);
  expect(found[1]).toMatch(/^error lava-payloads\/p\.pkg\/bad\.ts:/);
});

test("YAML is checked before it is rendered, by yamllint and by its own settings where a project has some (FW-266, FW-267)", async () => {
  const bad = { "lava-jobs/a.yaml": job("a", "x-a:   [  yes,1]  \n") };
  const found = await check(bad);
  expect(found.issues).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^error lava-jobs\/a\.yaml:8 yamllint trailing spaces \(trailing-spaces\)/,
      ),
      expect.stringMatching(/^error lava-jobs\/a\.yaml:8 yamllint too few spaces after comma/),
      expect.stringMatching(/^warning lava-jobs\/a\.yaml:8 yamllint truthy value/),
    ]),
  );
  const quiet = await check({
    ...bad,
    ".yamllint.yaml": "rules: {truthy: {level: warning}}\n",
  });
  expect(quiet.issues.filter((text) => text.startsWith("error"))).toEqual([]);
});

test("without the tools lava says so, and checks YAML itself", async () => {
  const { issues, notes } = await check(
    {
      "lava-jobs/b.yaml": `${job("b")}x-a: 1 \n`,
      "lava-jobs/c.yaml": `<% if true %>\n${job("c")}<% endif %>\n`,
      "lava-payloads/a.py": "#!/usr/bin/env python3\nimport os\n",
      "lava-payloads/a.sh": "#!/bin/sh\ncd /nowhere\n",
    },
    { PATH: "/nowhere" },
  );
  expect(notes).toEqual([
    "flake8 is not there; 1 Python sources were not checked",
    "shellcheck is not there; 1 shell payloads were not checked",
    "yamllint is not there; YAML was checked by lava's own rules",
  ]);
  expect(issues).toEqual(["error lava-jobs/b.yaml:8 yaml_trailing_spaces trailing spaces"]);
});

test("what only rendering breaks is found in the rendered text, at its place in the source (FW-268)", async () => {
  const { issues } = await check({
    "lava-jobs/a.yaml": job("a", 'x-a: <{ "yes" }>\nx-b: <{ nothing or "" }>\n'),
  });
  expect(issues).toEqual(
    expect.arrayContaining([
      expect.stringContaining(
        "warning lava-jobs/a.yaml:8 yaml_truthy once rendered: truthy value yes",
      ),
      expect.stringContaining(
        "warning lava-jobs/a.yaml:9 yaml_empty_values once rendered: empty value",
      ),
    ]),
  );
});

test("black formats the Python sources of payloads and misc, and nothing else (FW-272)", async () => {
  using project = testProject({
    "lava-payloads/a.py": "x = {'a':1}\n",
    "misc/b.py": "x = 1\n",
    "etc/c.py": "x = {'a':1}\n",
  });
  const opened = await project.open(PATH);
  expect(await formatPython(opened, { check: true })).toEqual(["lava-payloads/a.py"]);
  expect(await formatPython(opened)).toEqual(["lava-payloads/a.py"]);
  expect(project.read("lava-payloads/a.py")).toBe("x = {'a': 1}\n");
  expect(project.read("etc/c.py")).toBe("x = {'a':1}\n");
  await expect(formatPython(await project.open({ PATH: "/nowhere" }))).rejects.toMatchObject({
    code: "NO_SUCH_TOOL",
  });
});

test("a linter that a project has switched off is not run (FW-264)", async () => {
  const { issues } = await check({
    ".config.json": '{"lava": {"lint": {"yaml": false, "python": false, "sql": false}}}',
    "lava-jobs/a.yaml": job("a", "x-a: yes \n"),
    "lava-payloads/a.py": "#!/usr/bin/env python3\nimport os\n",
    "lava-payloads/a.sql": "select (1;\n",
  });
  expect(issues.filter((text) => / (?:flake8|yaml\w*|sql\w*) /.test(text))).toEqual([]);
});

test("SQL in which something is never closed is a warning, at its line", async () => {
  const { issues } = await check({ "lava-payloads/a.sql": "select 1;\nselect (2;\n" });
  expect(issues).toEqual(["warning lava-payloads/a.sql:2 sql_unbalanced ( is never closed"]);
});

test.each([
  [
    "select '(' || \"(\" -- (\n/* ( */ from t where a = $$ ( ' $$ and b = 'it''s' and c = 'x\\'y'",
    undefined,
  ],
  ["select {{ vars.a }} from {% if ( %} t", undefined],
  ["create function f() returns int as $body$ begin '( end $body$", undefined],
  ["select 'a", "1:8"],
  ["select 1)\n", "1:9"],
  ["/* never", "1:1"],
  ['select\n  "a from b', "2:3"],
] as const)("SQL %j", (text, place) => {
  const fault = sqlFault(text);
  expect(fault === undefined ? undefined : `${fault.line}:${fault.column}`).toBe(place);
});

describe("lava's own YAML rules are yamllint's", () => {
  test.each([
    "a: 1  \nb: yes\nc: 010\n",
    "a:\n- x\n-   y\n",
    "a: {b: 1, c: [  1,2 , 3]}\nd:\ne : 2\n",
    "#x\na: 1 # y\n   # z\nb:\n    c: 1\n    d:\n      e: 1\n\n\n\nf: 1\n\n",
    "a:\n  - b: 1\n    c:\n      - d\n  -  e: 2\n",
  ])("%j", (text) => {
    using project = testProject({});
    const file = join(project.dir, "x.yaml");
    writeFileSync(file, text);
    const config =
      "{extends: default, rules: {document-start: disable, line-length: disable, comments-indentation: {level: error}, braces: {max-spaces-inside: 2}, brackets: {max-spaces-inside: 2}, colons: {max-spaces-before: 0, max-spaces-after: -1}, hyphens: {max-spaces-after: 1}, indentation: {spaces: consistent}, empty-values: {forbid-in-block-mappings: true, forbid-in-flow-mappings: true}, octal-values: {forbid-implicit-octal: true}}}";
    const { stdout } = spawnSync("yamllint", ["-f", "parsable", "-d", config, file], {
      encoding: "utf8",
    });
    const theirs = stdout.split("\n").flatMap((line) => {
      const match = /:(\d+):\d+: \[(\w+)\] .*\((.*)\)$/.exec(line);
      return match === null ? [] : [`${match[1]} ${match[2]} ${match[3]}`];
    });
    const ours = yamlStyle(text).map(
      ({ line, severity, code }) => `${line} ${severity} ${code.slice(5).replaceAll("_", "-")}`,
    );
    expect([...new Set(ours)].sort()).toEqual([...new Set(theirs)].sort());
  });
});
