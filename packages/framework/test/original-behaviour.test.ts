// What the original does and projects rely on, row by row, where no other test has it.
import { chmodSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { validateSpec } from "@lava/spec";
import { emulatedRealm } from "@lava/testing";
import { describe, expect, test } from "vitest";
import { DEFAULT_DOCKERFILE } from "../src/build/docker/default-dockerfile.ts";
import { checkProject } from "../src/check.ts";
import { checksumState } from "../src/checksum.ts";
import { deployPlan } from "../src/deploy/deploy.ts";
import { planDeployment } from "../src/deploy/plan.ts";
import { uninstallPlan } from "../src/deploy/uninstall.ts";
import { loadEnvironment } from "../src/environment.ts";
import { openProject } from "../src/project.ts";
import { scaffoldProject } from "../src/scaffold/scaffold.ts";
import { testConfig, testProject } from "./test-project.ts";

const by = { user: "tester", host: "test-host" };
const job = (id: string, more = "type: cmd\npayload: echo\n"): string =>
  `job_id: app/test/${id}\ndescription: d\nowner: o\nenabled: true\nworker: core\n${more}`;
/** The output of a build that renders one SQL payload. */
async function sql(text: string, more: Record<string, string> = {}): Promise<string> {
  using files = testProject({ "lava-payloads/x.sql": text, ...more });
  await files.build(
    "dev",
    { realmInfo: { record: { realm: "test", s3_temp: "s3://b/t" } } },
    { HOME: "/home/t" },
  );
  return files.read("dist/dev/lava-payloads/x.sql");
}

describe("sources", () => {
  test("are found at any depth, but not below _; payloads and misc one level deep (FW-003, FW-007, FW-014, FW-015, FW-019, FW-020, FW-021, FW-091, FW-225, FW-250)", async () => {
    using files = testProject({
      "lava-jobs/a/b/one.yaml": job("one"),
      "lava-jobs/two.json": JSON.stringify({
        ...{ job_id: "app/test/two", description: "d", owner: "o", enabled: true },
        ...{ worker: "core", type: "cmd", payload: "echo" },
      }),
      "lava-jobs/_common/no.yaml": job("no"),
      "lava-jobs/a/_b/c/no.yaml": job("no"),
      "lava-jobs/a/_no.yaml": job("no"),
      "lava-jobs/no.yml": job("no"),
      "lava-jobs/vars.jinja": "no",
      "lava-connections/README.md": "nothing in here\n",
      "lava-triggers/t.yaml":
        "trigger_id: app/test/t\ndescription: d\nowner: o\nenabled: true\nbucket: b-b-b\nprefix: p\njob_id: app/test/one\n",
      "lava-rules/r.yaml":
        "rule_id: lava.test.test.r\ndescription: d\nowner: o\nschedule_expression: rate(1 hour)\n",
      "lava-payloads/x.sql": "select 1\n",
      "lava-payloads/sub/y.sql": "select 2\n",
      "misc/m.sql": "select <{ env }>\n",
      "misc/sub/n.sql": "select 4\n",
    });

    const { items, payloads } = await files.build("dev");

    expect(items.map(({ output }) => output).toSorted()).toEqual([
      "lava-jobs/a/b/one.json",
      "lava-jobs/two.json",
      "lava-rules/r.json",
      "lava-triggers/t.json",
    ]);
    expect(payloads.map(({ name }) => name)).toEqual(["x.sql"]);
    expect(files.read("dist/dev/misc/m.sql")).toBe("select dev\n");
    expect(existsSync(join(files.dir, "dist/dev/misc/sub"))).toBe(false);
  });

  test("in JSON are rendered, then read; two of one name are an error (FW-100, FW-101, FW-105)", async () => {
    using files = testProject({
      "lava-jobs/j.json": `{"job_id": "app/test/<{ env }>", "description": "d", "owner": "o", "enabled": true, "worker": "core", "type": "cmd", "payload": "echo"}`,
    });
    expect((await files.build("dev")).items[0]?.id).toBe("app/test/dev");
    files.write("lava-jobs/j.yaml", job("j"));
    await expect(files.build("dev")).rejects.toMatchObject({ code: "BUILD_FAILED" });
  });
});

describe("templates of payloads", () => {
  test.each([
    [
      "FW-054: one newline at the end goes, one comes",
      "a\n<% if true %>\nb\n<% endif %>\n\n",
      "a\n\nb\n\n\n",
    ],
    ["FW-057: True, False and None", "<{ true }> <{ false }> <{ none }>\n", "True False None\n"],
    ["FW-058: what is undefined is empty", "[<{ nope }>]\n", "[]\n"],
    [
      "FW-060: split, in, slices, + and ~",
      "<{ 's3://b/t'.split('/')[2] }> <{ env in ('dev', 'uat') }> <{ ('lava-' + realm)[:7] }> <{ 1 ~ 'a' }>\n",
      "b True lava-te 1a\n",
    ],
    [
      "FW-060: filters, for, set, macro",
      "<% set l = [3, 1] %><% macro m(x) %><<{ x }>><% endmacro %><% for x in l|sort %><{ m(x) }><% endfor %>\n",
      "<1><3>\n",
    ],
    [
      "FW-061: methods of Python",
      "<{ ' a '.strip().upper() }> <{ 'a-b'.replace('-', '_').title() }> <{ '{}/{}'.format(1, 2) }> <{ '%03d' % 7 }> <{ {'k': 1}.get('k') }> <{ 'x'.startswith('x') }>\n",
      "A A_B 1/2 007 1 True\n",
    ],
    [
      "FW-063, FW-064: env of the command line wins",
      "<{ env }> <{ realm }> <{ lava.realm.s3_temp.split('/')[2] }>\n",
      "dev test b\n",
    ],
    [
      "FW-076, FW-077: all names are there in SQL",
      "<{ owner }> <{ environ.HOME }> <{ prefix.job }>\n",
      "tester /home/t app/test\n",
    ],
    [
      "FW-088: an included template sees what was set",
      "<% set a = 1 %><% include '_i.sql' %>\n",
      "1 dev\n",
    ],
  ] as const)("%s", async (_row, text, expected) => {
    expect(await sql(text, { "lava-payloads/_i.sql": "<{ a }> <{ env }>" })).toBe(expected);
  });

  test("values of the config are at hand by their names, whatever they are (FW-046, FW-047)", async () => {
    const config = `${testConfig()}myvar: stuff\nlist: [{a: 1}]\n`;
    const text = "<{ myvar }> <{ list[0].a }> <{ worker.main }>\n";
    expect(await sql(text, { "config/dev.yaml": config })).toBe("stuff 1 core\n");
  });

  test("an attribute of what is undefined is an error that names template and reason (FW-058, FW-062)", async () => {
    await expect(sql("a\n<{ a.b.c }>\n")).rejects.toMatchObject({
      issues: [{ file: "lava-payloads/x.sql", line: 2, message: expect.stringContaining("'a'") }],
    });
  });

  test("lava.realm and the template's own name are known in resources and env/ too (FW-078, FW-079)", async () => {
    const text = "<{ lava.realm.s3_temp }> <{ jinja.templates[0] }>\n";
    using files = testProject({ "lava-payloads/x.rsc/in/a.txt": text });
    await files.build("dev", { realmInfo: { record: { s3_temp: "s3://b/t" } } });
    expect(files.read("dist/dev/lava-payloads/x.rsc/in/a.txt")).toBe("s3://b/t x.rsc/in/a.txt\n");
  });

  test("statements may stand in comments of YAML (FW-097), and a whole spec in a condition (FW-123)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": `# <% if env == 'uat' and owner == 'tester' %>\n${job("a")}# <% endif %>\n`,
    });
    expect((await files.build("dev")).items[0]?.data).toBeNull();
    expect((await files.build("uat")).items[0]?.id).toBe("app/test/a");
  });
});

describe("what is built", () => {
  test("passes the schema, keeps fields of one's own, and has a checksum that is good (FW-109, FW-110, FW-112, FW-114, FW-116, FW-162)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": job("a", "type: cmd\npayload: echo\nX-mine: 1\nx-own: {a: b}\n"),
    });
    const [item] = (await files.build("dev")).items;
    const data = item?.data ?? {};
    expect(validateSpec("job", data)).toMatchObject({ ok: true });
    expect(data).toMatchObject({ "X-mine": 1, "x-own": { a: "b" } });
    expect(checksumState(data)).toMatchObject({ state: "ok" });
    expect(checksumState({ ...data, payload: "other" })).toMatchObject({ state: "bad" });
    // Outside of git nothing is known of it (FW-119).
    expect(data).toMatchObject({ "x-lava-git-status": "--", "x-lava-git-repo": "--" });
    files.write("lava-jobs/a.yaml", `${job("a")}nope: 1\n`);
    await expect(files.build("dev")).rejects.toMatchObject({ code: "BUILD_FAILED" });
    expect((await files.build("dev", { validation: "warn" })).warnings).toMatchObject([
      { path: ["nope"] },
    ]);
    expect((await files.build("dev", { validation: "off" })).warnings).toEqual([]);
  });

  test("is built anew when the realm's record has changed; a record of another realm is not used (FW-081, FW-084, FW-085)", async () => {
    using files = testProject({ "misc/x.sql": "<{ lava.realm.v }>\n", "misc/y.sql": "1\n" });
    const info = (v: number) => ({ realmInfo: { record: { realm: "test", v } } });
    await files.build("dev", info(1));
    expect((await files.build("dev")).built).toEqual([]);
    expect((await files.build("dev", info(2))).built).toEqual(["misc/x.sql"]);
    files.write("config/dev.yaml", testConfig("other"));
    await expect(files.build("dev")).rejects.toMatchObject({ code: "BUILD_FAILED" });
  });

  test("of a folder is without what its source has lost; bytes are copied as they are (FW-206, FW-207, FW-208, FW-245)", async () => {
    using files = testProject({
      "lava-payloads/x.raw/a.docker.txt": "<{ a }>",
      "lava-payloads/x.raw/.hidden": "h",
      "lava-payloads/x.rsc/b.txt": "b\n",
      "lava-payloads/x.rsc/bytes": "\0<{ no }>",
    });
    const first = await files.build("dev");
    expect(first.payloads.map(({ name }) => name)).toEqual([
      ...["x.raw/.hidden", "x.raw/a.docker.txt", "x.rsc/b.txt", "x.rsc/bytes"],
    ]);
    expect(files.read("dist/dev/lava-payloads/x.raw/a.docker.txt")).toBe("<{ a }>");
    expect(files.read("dist/dev/lava-payloads/x.rsc/bytes")).toBe("\0<{ no }>");
    expect(first.warnings).toMatchObject([{ code: "not_text" }]);
    files.remove("lava-payloads/x.rsc/b.txt");
    expect((await files.build("dev")).payloads.map(({ name }) => name)).not.toContain(
      "x.rsc/b.txt",
    );
    expect(existsSync(join(files.dir, "dist/dev/lava-payloads/x.rsc/b.txt"))).toBe(false);
  });

  test("is checked against its schema in every environment (FW-274)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": `${job("a")}# <% if env == 'uat' %>\nowmer: x\n# <% endif %>\n`,
    });
    const project = await files.open();
    expect((await checkProject(project, { lint: false, env: "dev" })).ok).toBe(true);
    expect((await checkProject(project, { lint: false })).issues).toMatchObject([
      { severity: "error", file: "lava-jobs/a.yaml", path: ["owmer"] },
    ]);
  });

  test("that fails leaves nothing half done, whatever its kind (FW-107, FW-108)", async () => {
    using files = testProject({
      "lava-payloads/x.sql": "<{ a.b.c }>\n",
      "lava-payloads/r.rsc/1.txt": "1\n",
      "lava-payloads/r.rsc/2.txt": "<% if %>\n",
    });
    await expect(files.build("dev")).rejects.toMatchObject({ code: "BUILD_FAILED" });
    expect(existsSync(join(files.dir, "dist/dev/lava-payloads"))).toBe(false);
  });

  test("has a manifest with source, kind, id, hash and inputs of each (FW-234)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": job("a"),
      "lava-payloads/x.sql": "<{ env }>\n",
    });
    await files.build("dev");
    expect(files.json("dist/dev/manifest.json")).toMatchObject({
      entries: [
        {
          source: "lava-jobs/a.yaml",
          kind: "job",
          id: "app/test/a",
          inputs: { "lava-jobs/a.yaml": expect.any(String) },
        },
        { source: "lava-payloads/x.sql", kind: "sql", files: [{ sha256: expect.any(String) }] },
      ],
    });
  });

  test("is the same however often it is built, many at once (FW-233)", async () => {
    const specs = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [
        `lava-payloads/p${n}.pkg/run.sh`,
        `#!/bin/sh\necho ${n}\n`,
      ]),
    );
    using one = testProject(specs);
    using two = testProject(specs);
    for (const n of [0, 7])
      for (const { dir } of [one, two])
        chmodSync(join(dir, `lava-payloads/p${n}.pkg/run.sh`), 0o755);
    const hashes = async (files: typeof one) =>
      (await files.build("dev")).payloads.map(({ name, sha256 }) => [name, sha256]);
    expect(await hashes(one)).toEqual(await hashes(two));
  });
});

test("the default Dockerfile sets its variables, installs both kinds of requirements, and stops at what fails (FW-194, FW-196, FW-197, FW-199, FW-200)", () => {
  expect(DEFAULT_DOCKERFILE).toMatch(/^SHELL \["\/bin\/bash", "-e/m);
  expect(DEFAULT_DOCKERFILE).toContain("LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1");
  expect(DEFAULT_DOCKERFILE).toMatch(/install [^\n]*--upgrade -r requirements\.txt/);
  expect(DEFAULT_DOCKERFILE).toMatch(/install [^\n]*--no-deps -r requirements-nodeps\.txt/);
});

describe("a realm", () => {
  test("gets items whole, in the order in which nothing fires too early, and only what has changed (FW-128, FW-129, FW-130, FW-135, FW-136, FW-226, FW-236, FW-244, FW-246, FW-248, FW-249)", async () => {
    await using emulated = await emulatedRealm();
    const { realm } = emulated;
    using files = testProject({
      "config/dev.yaml": testConfig(realm.name),
      "lava-jobs/a.yaml": job("a", "type: cmd\npayload: echo\nparameters: {timeout: 1m}\n"),
      "lava-connections/c.yaml":
        "conn_id: app/test/c\ntype: sqlite3\nenabled: true\nhost: a.sqlite\nport: 0\ndescription: d\nowner: o\n",
      "lava-triggers/t.yaml":
        "trigger_id: app/test/t\ndescription: d\nowner: o\nenabled: true\nbucket: b-b-b\nprefix: p\njob_id: app/test/a\n",
      "lava-rules/r.yaml": `rule_id: lava.${realm.name}.test.r\ndescription: d\nowner: o\nevent_pattern: {source: [aws.s3], detail: {object: {key: [{prefix: in/}]}}}\ntargets:\n- "arn:aws:lambda:local:000000000000:function:lava-${realm.name}-s3trigger"\n- {Id: log, Arn: "arn:aws:logs:local:000000000000:log-group:/x"}\n`,
      "lava-payloads/x.sh": "#!/bin/sh\n",
    });
    await realm.jobs.put({
      job_id: "app/test/a",
      type: "cmd",
      worker: "core",
      enabled: true,
      extra: 1,
    });
    const deploy = async () =>
      await deployPlan(await planDeployment(await files.build("dev"), realm), realm, { by });

    const first = await deploy();
    expect(first.steps.map(({ kind, action }) => `${action} ${kind}`)).toEqual([
      "create payload",
      "create connection",
      "update job",
      "create s3trigger",
      "create rule",
    ]);
    expect(await realm.jobs.getItem("app/test/a")).not.toHaveProperty("extra");
    // The example of the guide (FW-158): a pattern with the prefix of a key, a function and a log group.
    expect((await realm.rules.get("default", `lava.${realm.name}.test.r`))?.targets).toMatchObject([
      expect.anything(),
      expect.anything(),
    ]);
    files.write("lava-payloads/x.sh", "#!/bin/zh\n");
    expect((await deploy()).steps).toMatchObject([{ kind: "payload", id: "app/test/x.sh" }]);
    expect((await deploy()).steps).toEqual([]);

    // What is left out now is told, stays without --prune, and does not disturb an uninstall (FW-126, FW-127).
    files.write("lava-triggers/t.yaml", "# nothing\n");
    const plan = await planDeployment(await files.build("dev"), realm);
    expect(plan).toMatchObject({
      items: [],
      skipped: ["lava-triggers/t.yaml"],
      orphans: [{ kind: "s3trigger", id: "app/test/t" }],
    });
    const uninstalled = await deployPlan(
      await uninstallPlan(await files.open(), "dev", realm),
      realm,
      { by },
    );
    expect(uninstalled.ok).toBe(true);
    expect(uninstalled.steps.map(({ kind }) => kind)).toEqual([
      "rule",
      "s3trigger",
      "job",
      "connection",
      "payload",
    ]);
  });

  test("differs where a field does, not where only tracking fields or the writing of numbers do (FW-275, FW-277, FW-283, FW-284, FW-285, FW-160)", async () => {
    await using emulated = await emulatedRealm();
    const { realm } = emulated;
    const rule = (text: string) =>
      `rule_id: lava.${realm.name}.test.r\ndescription: ${text}\nowner: o\nschedule_expression: rate(1 hour)\n`;
    using files = testProject({
      "config/dev.yaml": testConfig(realm.name),
      "lava-jobs/a.yaml": job(
        "a",
        "type: cmd\npayload: echo\nmax_tries: 2\nparameters: {vars: {x-y: 1}}\n",
      ),
      "lava-rules/r.yaml": rule("d"),
      "lava-payloads/x.sh": "#!/bin/sh\n",
    });
    const plan = async () => await planDeployment(await files.build("dev"), realm, { force: true });
    await deployPlan(await plan(), realm, { by });
    files.write(
      "lava-jobs/a.yaml",
      job("a", "type: cmd\npayload: echo\nmax_tries: 2.0\nparameters: {vars: {x-y: 1.0}}\n"),
    );
    expect((await plan()).items).toEqual([]);

    files.write(
      "lava-jobs/a.yaml",
      job("a", "type: cmd\npayload: echo\nmax_tries: 2\nparameters: {vars: {x-y: 2}}\n"),
    );
    files.write("lava-rules/r.yaml", rule("e"));
    files.write("lava-payloads/x.sh", "#!/bin/sh\necho\n");
    const changed = await plan();
    expect(
      changed.items.flatMap(({ changes }) => changes.map(({ path }) => path.join("."))),
    ).toEqual(["parameters.vars.x-y", "description"]);
    expect(changed.payloads).toMatchObject([{ action: "update" }]);
    files.remove("lava-rules/r.yaml");
    expect((await plan()).orphans).toMatchObject([{ kind: "rule" }]);
  });
});

test("a new project has the files and folders that projects have (FW-009, FW-011 to FW-018, FW-030, FW-031, FW-033, FW-046, FW-221, FW-223)", async () => {
  using files = testProject({});
  const answers = {
    realm: "test",
    owner: "me",
    description: "words",
    environment: "first",
    config_checks: "warning",
  };
  const dir = join(files.dir, "made");
  await scaffoldProject(answers, dir);
  const read = (path: string): string => files.read(`made/${path}`);
  for (const folder of [
    "config",
    "etc",
    "lava-connections",
    "lava-jobs",
    "lava-triggers",
    "lava-rules",
    "lava-payloads",
    "misc",
    "doc",
    "lib",
  ])
    expect([folder, statSync(join(dir, folder)).isDirectory()]).toEqual([folder, true]);
  expect(read("config/first.yaml")).toMatch(/realm: "test"\n/);
  for (const name of [".flake8", ".yamllint.yaml", "pyproject.toml", "doc/README.md", "lib/dag.py"])
    expect([name, statSync(join(dir, name)).isFile()]).toEqual([name, true]);
  const { config } = await loadEnvironment(await openProject(dir), "first");
  expect(config).toMatchObject({
    description: "words",
    owner: "me",
    worker: { main: "core" },
    dispatcher: { main: "--", none: "--" },
    schedule: { main: "--" },
    myvar: "stuff",
    docker: { base_img: "ghcr.io/jin-gizmo/lava/amzn2023/base", platform: "linux/amd64" },
  });
  expect(read("etc/version")).toMatch(/^\d+\.\d+\.\d+/);
  expect(read(".gitignore")).toMatch(/^dist\/$/m);
  expect(JSON.parse(read(".config.json"))).toMatchObject({
    cookiecutter: { environment: "first", config_checks: "warning" },
  });
  expect(read("misc/Makefile.local.sample").match(/^[a-z-]+:$/gm)).toEqual([
    "dist:",
    "pre-install:",
    "install:",
    "uninstall:",
  ]);
  expect((await checkProject(await openProject(dir), { lint: false })).ok).toBe(true);
  await expect(scaffoldProject(answers, dir)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  // A choice outside of its list, and each value that is missing (FW-027, FW-033).
  await expect(
    scaffoldProject({ realm: "test", git_setup: "maybe" }, join(files.dir, "other")),
  ).rejects.toMatchObject({
    code: "INVALID_ANSWERS",
    issues: expect.arrayContaining([
      expect.objectContaining({ path: ["git_setup"] }),
      expect.objectContaining({ path: ["owner"] }),
    ]),
  });
});
