import { describe, expect, test } from "vitest";
import { testConfig, testProject } from "../test/test-project.ts";
import type { Finding } from "./build/types.ts";
import { checkProject, type CheckOptions } from "./check.ts";

const job = (id: string, more: string): string =>
  `job_id: app/test/${id}\ndescription: d\nowner: o\nenabled: true\nworker: core\n${more}`;
const CMD = "type: cmd\npayload: echo\n";

async function check(
  files: Record<string, string>,
  options: CheckOptions = {},
): Promise<readonly Finding[]> {
  using project = testProject(files);
  return (await checkProject(await project.open(), options)).issues;
}

describe("checks over the whole project", () => {
  test("a sound project has no findings, and its environments and specs are counted", async () => {
    using project = testProject({ "lava-jobs/a.yaml": job("a", CMD) });

    const result = await checkProject(await project.open());

    expect(result).toMatchObject({
      ok: true,
      issues: [],
      environments: ["dev", "uat"],
      checked: 2,
    });
  });

  test("a project is checked before its realm was ever read (FW-080)", async () => {
    const temp = "<{ lava.realm.s3_temp.split('/')[2] }>";

    expect(await check({ "lava-jobs/a.yaml": job("a", `${CMD}x-temp: "${temp}"\n`) })).toEqual([]);
  });

  test("one id twice, told once for all environments (FW-137)", async () => {
    const issues = await check({
      "lava-jobs/a.yaml": job("same", CMD),
      "lava-jobs/b.yaml": job("same", CMD),
    });

    expect(issues).toMatchObject([
      {
        code: "duplicate_id",
        severity: "error",
        file: "lava-jobs/b.yaml",
        line: 1,
        path: ["job_id"],
      },
    ]);
  });

  test("a worker that the realm does not have is an error, one that only the config lacks a warning", async () => {
    const files = { "lava-jobs/a.yaml": job("a", CMD).replace("worker: core", "worker: cora") };
    const realmInfo = { dev: { record: { realm: "test" }, workers: ["core", "big"] } };

    expect(await check(files, { env: "dev" })).toMatchObject([
      { code: "unknown_worker", severity: "warning", line: 5, suggestion: "core" },
    ]);
    expect(await check(files, { env: "dev", realmInfo })).toMatchObject([
      { code: "unknown_worker", severity: "error", suggestion: "core" },
    ]);
  });

  test("a payload that the build does not make (FW-166)", async () => {
    const files = {
      "lava-payloads/run.sh": "#!/bin/sh\n",
      "lava-payloads/code.pkg/main.sh": "#!/bin/sh\n",
      "lava-jobs/a.yaml": job("a", "type: exe\npayload: app/test/rum.sh -v\n"),
      "lava-jobs/b.yaml": job("b", "type: exe\npayload: app/test/run.sh -v\n"),
      "lava-jobs/c.yaml": job(
        "c",
        "type: pkg\npayload: app/test/code.zip\nparameters: {command: main.sh}\n",
      ),
      "lava-jobs/d.yaml": job("d", "type: exe\npayload: other/project.sh\n"),
    };

    expect(await check(files)).toMatchObject([
      { code: "missing_payload", file: "lava-jobs/a.yaml", suggestion: "app/test/run.sh" },
    ]);
  });

  test("a payload that no job names is warned of; whole folders, beginnings and made-up names count (FW-166)", async () => {
    const exe = (id: string, payload: string): string =>
      `job_id: app/test/${id}\ndescription: d\nowner: o\nenabled: true\nworker: core\ntype: exe\npayload: ${payload}\n`;
    using files = testProject({
      "lava-jobs/a.yaml": exe("a", "app/test/a.sh --x"),
      "lava-jobs/b.yaml": exe("b", '"app/test/day-{{ start.day }}.sh"'),
      ...Object.fromEntries(
        ["a.sh", "day-1.sh", "never.sh"].map((name) => [`lava-payloads/${name}`, "#!/bin/sh\n"]),
      ),
      "lava-payloads/r.rsc/x.txt": "x\n",
    });
    const { warnings } = await files.build("dev");
    expect(warnings).toMatchObject([
      { code: "unused_payload", message: expect.stringContaining("lava-payloads has never.sh,") },
    ]);
  });

  test("a dag with a cycle, and a dag with a child that is not there (FW-217)", async () => {
    const files = {
      "lava-jobs/a.yaml": job("a", CMD),
      "lava-jobs/b.yaml": job("b", CMD),
      "lava-jobs/dag.yaml": job(
        "dag",
        "type: dag\npayload:\n  app/test/a: [app/test/b]\n  app/test/b: app/test/a\n",
      ),
      "lava-jobs/dag2.yaml": job(
        "dag2",
        "type: dag\npayload:\n  a: [c]\nparameters:\n  job_prefix: app/test/\n",
      ),
    };

    const issues = await check(files);

    expect(issues).toMatchObject([
      { code: "dag_cycle", file: "lava-jobs/dag.yaml", line: 8 },
      { code: "unknown_job", file: "lava-jobs/dag2.yaml", line: 8 },
    ]);
    expect(issues[0]?.message).toContain("app/test/a needs app/test/b needs app/test/a");
    expect(issues[1]?.message).toContain("app/test/c");
  });

  test("jobs that contain each other; a dispatch of the job itself is allowed", async () => {
    const files = {
      "lava-jobs/a.yaml": job("a", "type: chain\npayload: app/test/b\n"),
      "lava-jobs/b.yaml": job("b", "type: chain\npayload: [app/test/a]\n"),
      "lava-jobs/c.yaml": job(
        "c",
        `${CMD}on_success:\n  - action: dispatch\n    job_id: app/test/c\n  - action: dispatch\n    job_id: app/test/x\n`,
      ),
    };

    expect(await check(files)).toMatchObject([
      { code: "job_cycle", file: "lava-jobs/a.yaml" },
      { code: "unknown_job", file: "lava-jobs/c.yaml", path: ["on_success", 1, "job_id"] },
    ]);
  });

  test("what a spec that cannot be read would have made is not reported as missing", async () => {
    const issues = await check({
      "lava-jobs/a.yaml": `${job("a", CMD)}# <% if %>\n`,
      "lava-jobs/b.yaml": job("b", "type: chain\npayload: app/test/a\n"),
    });

    expect(issues.map(({ code }) => code)).toEqual(["template_error"]);
  });

  test("connections that a project with connections does not have", async () => {
    const files = {
      "lava-connections/db.yaml":
        "conn_id: app/db\ntype: sqlite3\nenabled: true\nhost: db.sqlite\nport: 0\n",
      "lava-jobs/a.yaml": job(
        "a",
        "type: sqli\npayload: select 1\nparameters: {conn_id: app/bd}\n",
      ),
    };

    const issues = await check(files);

    expect(issues.filter(({ code }) => code === "unknown_connection")).toMatchObject([
      { severity: "warning", suggestion: "app/db" },
    ]);
  });

  test("rules are named after the realm (FW-143)", async () => {
    const issues = await check({
      "lava-rules/r.yaml":
        "rule_id: lava.other.x\nowner: o\ndescription: d\nschedule_expression: rate(1 day)\n",
    });

    expect(issues).toMatchObject([{ code: "bad_rule_name", line: 1 }]);
  });
});

describe("config files", () => {
  test("have the same keys: strict by default, a warning when the project says so (FW-269, FW-270)", async () => {
    const files = {
      "config/dev.yaml": `${testConfig()}extra: {a: 1, b: 2}\n`,
      "config/uat.yaml": `${testConfig()}extra: {a: 1}\nmore: {c: {d: 1}}\n`,
    };

    expect(await check(files)).toMatchObject([
      { severity: "error", file: "config/dev.yaml", path: ["more"] },
      { severity: "error", file: "config/uat.yaml", path: ["extra", "b"] },
    ]);
    const lenient = { ...files, ".config.json": '{"cookiecutter": {"config_checks": "warning"}}' };
    expect((await check(lenient)).map(({ severity }) => severity)).toEqual(["warning", "warning"]);
  });

  test("every fault of a config is told with its place (FW-045, FW-048, FW-049, FW-051, FW-052)", async () => {
    const config = testConfig()
      .replace("job: app/test", "job: /app/test")
      .replace("payload: app/test", "payload: ''")
      .replace("rule: lava.test.test", "rules: x")
      .replace("linux/amd64", "windows");

    const issues = await check({ "config/dev.yaml": `${config}lava: 1\n` }, { env: "dev" });

    expect(
      issues
        .filter(({ code }) => code !== "config_misaligned")
        .map(({ code, line, path }) => [code, line, path.join(".")]),
    ).toEqual([
      ["missing_key", 4, "prefix.rule"],
      ["bad_prefix", 5, "prefix.job"],
      ["empty_value", 6, "prefix.payload"],
      ["bad_platform", 12, "docker.platform"],
      ["reserved_key", 15, "lava"],
    ]);
  });
});
