import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LavaError } from "@lava/core";
import { describe, expect, test } from "vitest";
import { testProject } from "../../test/test-project.ts";
import { FRAMEWORK_VERSION } from "../version.ts";

const EXE = `job_id: <{ prefix.job }>/hello
description: says hello to <{ env }>
owner: <{ owner }>
enabled: true
worker: <{ worker.main }>
type: exe
payload: <{ prefix.payload }>/hello.sh
parameters:
  args: ["{{ job.job_id }}"]
`;

const SH = "#!/bin/sh\necho hello\n";

async function failure(promise: Promise<unknown>): Promise<LavaError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LavaError)) throw error;
  return error;
}

describe("a build", () => {
  test("renders specs with the values of the environment and leaves job marks alone (FW-002, FW-053, FW-099)", async () => {
    using files = testProject({ "lava-jobs/a/hello.yaml": EXE, "lava-payloads/hello.sh": SH });

    const dev = await files.build("dev");
    const uat = await files.build("uat");

    expect(dev.items[0]).toMatchObject({
      kind: "job",
      id: "app/test/hello",
      output: "lava-jobs/a/hello.json",
    });
    expect(files.json("dist/dev/lava-jobs/a/hello.json")).toMatchObject({
      description: "says hello to dev",
      parameters: { args: ["{{ job.job_id }}"] },
    });
    expect(uat.items[0]?.data).toMatchObject({ description: "says hello to uat" });
    expect(dev.warnings).toEqual([]);
  });

  test("adds tracking fields, and none when told so (FW-111, FW-117, FW-118)", async () => {
    using files = testProject({ "lava-jobs/hello.yaml": EXE, "lava-payloads/hello.sh": SH });

    const built = await files.build("dev");

    expect(built.items[0]?.data).toMatchObject({
      "x-lava-builder": `Lava Framework ${FRAMEWORK_VERSION}`,
      "x-lava-git-status": "--",
      "x-lava-git-repo": "--",
      "x-lava-user": "tester",
      "x-lava-host": "test-host",
      "x-lava-project": "test-project",
      "x-lava-chk": expect.stringMatching(/^1;FW;sha256;[\da-f]{64}$/),
    });
    const bare = await files.build("dev", { trackingFields: false });
    expect(Object.keys(bare.items[0]?.data ?? {}).filter((key) => key.startsWith("x-"))).toEqual(
      [],
    );
  });

  test("touches nothing when nothing has changed, and only what has (FW-227, FW-229)", async () => {
    using files = testProject({
      "lava-jobs/hello.yaml": EXE,
      "lava-jobs/other.yaml": EXE.replace("/hello\n", "/other\n"),
      "lava-payloads/hello.sh": SH,
    });
    await files.build("dev");
    const before = files.snapshot("dist/dev");

    const again = await files.build("dev");

    expect(again.built).toEqual([]);
    expect(files.snapshot("dist/dev")).toEqual(before);
    files.write("lava-jobs/other.yaml", EXE.replace("/hello\n", "/another\n"));
    const third = await files.build("dev");
    expect(third.built).toEqual(["lava-jobs/other.json"]);
    expect(third.unchanged).toEqual(["lava-jobs/hello.json", "lava-payloads/hello.sh"]);
  });

  test("is done again for what used an included file, the config, an environment variable, a damaged output (FW-228)", async () => {
    using files = testProject({
      "lava-jobs/_common/tail.jinja": "owner: somebody\n",
      "lava-jobs/a.yaml": `${EXE.replace("owner: <{ owner }>\n", "")}# <% include '_common/tail.jinja' %>\n`,
      "lava-jobs/b.yaml": EXE.replace("/hello\n", "/b\n").replace(
        "<{ owner }>",
        "<{ environ.OWNER }>",
      ),
      "lava-payloads/hello.sh": SH,
    });
    await files.build("dev", {}, { OWNER: "x" });

    expect(files.json("dist/dev/lava-jobs/a.json")).toMatchObject({ owner: "somebody" });
    files.write("lava-jobs/_common/tail.jinja", "owner: nobody\n");
    expect((await files.build("dev", {}, { OWNER: "x" })).built).toEqual(["lava-jobs/a.json"]);
    expect((await files.build("dev", {}, { OWNER: "y" })).built).toEqual(["lava-jobs/b.json"]);
    files.write("dist/dev/lava-payloads/hello.sh", "broken");
    expect((await files.build("dev", {}, { OWNER: "y" })).built).toEqual([
      "lava-payloads/hello.sh",
    ]);
    files.write("config/dev.yaml", `${files.read("config/dev.yaml")}extra: 1\n`);
    expect((await files.build("dev", {}, { OWNER: "y" })).built).toHaveLength(2);
  });

  test("deletes outputs whose source is gone (FW-231, FW-232)", async () => {
    using files = testProject({
      "lava-jobs/x/a.yaml": EXE,
      "lava-payloads/hello.sh": SH,
      "lava-payloads/data.raw/one.txt": "1",
      "lava-payloads/data.raw/two.txt": "2",
    });
    await files.build("dev");
    files.remove("lava-jobs/x");
    files.remove("lava-payloads/data.raw/two.txt");

    const built = await files.build("dev");

    expect(built.removed).toEqual(["lava-jobs/x/a.json"]);
    expect(Object.keys(files.snapshot("dist/dev")).sort()).toEqual([
      "lava-payloads/data.raw/one.txt",
      "lava-payloads/hello.sh",
      "manifest.json",
    ]);
  });

  test("that fails leaves the last good one whole, and names every fault with its place", async () => {
    using files = testProject({ "lava-jobs/hello.yaml": EXE, "lava-payloads/hello.sh": SH });
    await files.build("dev");
    const before = files.snapshot("dist/dev");
    files.write("lava-jobs/hello.yaml", EXE.replace("says hello", "changed"));
    files.write(
      "lava-jobs/bad.yaml",
      `# <% set x = 1 %>\n${EXE}dispacher: x\n`.replace("/hello\n", "/bad\n"),
    );
    files.write("lava-jobs/syntax.yaml", "job_id: [1, 2\ntype: cmd\n");
    files.write("lava-jobs/template.yaml", "job_id: x\n# <% if %>\n");

    const error = await failure(files.build("dev"));

    expect(error.code).toBe("BUILD_FAILED");
    expect(error.issues.map(({ file, line }) => [file, line])).toEqual(
      expect.arrayContaining([
        ["lava-jobs/bad.yaml", 11],
        ["lava-jobs/template.yaml", 2],
      ]),
    );
    expect(error.issues.find(({ file }) => file === "lava-jobs/bad.yaml")).toMatchObject({
      path: ["dispacher"],
      suggestion: "dispatcher",
    });
    expect(error.issues.some(({ file }) => file === "lava-jobs/syntax.yaml")).toBe(true);
    expect(files.snapshot("dist/dev")).toEqual(before);
  });
});

describe("specs", () => {
  test("that render to nothing are left out (FW-121..125)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": `# <% if env == 'uat' %>\n${EXE}# <% endif %>\n`,
      "lava-jobs/b.json": "<% if env == 'uat' %>{}<% endif %>",
      "lava-payloads/hello.sh": SH,
    });

    const dev = await files.build("dev");
    const uat = await files.build("uat");

    expect(dev.items.map(({ data }) => data)).toEqual([null, null]);
    expect(files.read("dist/dev/lava-jobs/a.json")).toBe("null\n");
    expect(uat.items.map(({ id }) => id)).toEqual(["app/test/hello", undefined]);
  });

  test("lists and maps of the config survive interpolation exactly (FW-055, FW-056)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": `${EXE}on_fail: <{ on_fail }>\n`,
      "lava-payloads/hello.sh": SH,
    });
    const list = [{ action: "log", message: "a\nb 'c' \"d\"" }];
    files.write(
      "config/dev.yaml",
      `${files.read("config/dev.yaml")}on_fail: ${JSON.stringify(list)}\n`,
    );

    const built = await files.build("dev");

    expect(built.items[0]?.data).toMatchObject({ on_fail: list });
  });

  test("know their own path (FW-069, FW-094), and a symlink's is the link's (FW-095)", async () => {
    using files = testProject({
      "lava-jobs/_x/count.yaml": EXE.replace(
        "/hello\n",
        "/<{ jinja.templates[0].split('/')[0] }>\n",
      ),
      "lava-payloads/hello.sh": SH,
    });
    files.link("../_x/count.yaml", "lava-jobs/db1/count.yaml");
    files.link("../_x/count.yaml", "lava-jobs/db2/count.yaml");

    const built = await files.build("dev");

    expect(built.items.map(({ id }) => id)).toEqual(["app/test/db1", "app/test/db2"]);
  });

  test("undefined names are warned of, and are errors when strict (FW-059)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": EXE.replace("says hello", "says <{ greting }>"),
      "lava-payloads/hello.sh": SH,
    });

    const built = await files.build("dev");

    expect(built.warnings).toMatchObject([
      { code: "undefined_name", file: "lava-jobs/a.yaml", line: 2 },
    ]);
    expect((await files.build("dev")).warnings).toEqual(built.warnings);
    expect((await failure(files.build("dev", { strict: true }))).issues).toHaveLength(1);
  });

  test("lava.realm comes from the realm, or from the copy of an earlier build (FW-075, FW-080, FW-086)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": EXE.replace(
        "says hello",
        "temp is <{ lava.realm.s3_temp.split('/')[2] }>",
      ),
      "lava-payloads/hello.sh": SH,
    });
    const record = { realm: "test", s3_temp: "s3://bucket/temp" };

    expect((await failure(files.build("dev"))).hint).toMatch(/realm test/);
    const first = await files.build("dev", { realmInfo: { record } });
    const offline = await files.build("dev");

    expect(first.items[0]?.data).toMatchObject({ description: "temp is bucket to dev" });
    expect(files.json("dist/dev/.realm.json")).toEqual({ lava: { realm: record } });
    expect(offline.built).toEqual([]);
    const moved = await files.build("dev", {
      realmInfo: { record: { ...record, s3_temp: "s3://new/temp" } },
    });
    expect(moved.built).toEqual(["lava-jobs/a.json"]);
  });

  test("a first build reads the realm where something asks for its record, and says why it could not (FW-080)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": EXE.replace("says hello", "temp is <{ lava.realm.s3_temp }>"),
      "lava-payloads/hello.sh": SH,
    });
    using plain = testProject({ "lava-jobs/a.yaml": EXE, "lava-payloads/hello.sh": SH });
    let reads = 0;
    const readRealm = async () => {
      reads += 1;
      return { record: { realm: "test", s3_temp: "s3://bucket/temp" } };
    };
    const unreachable = () => Promise.reject(new Error("no way there"));

    expect((await failure(files.build("dev", { readRealm: unreachable }))).hint).toContain(
      "not read (no way there)",
    );
    const first = await files.build("dev", { readRealm });
    await files.build("dev", { readRealm });
    await plain.build("dev", { readRealm });

    expect(first.items[0]?.data).toMatchObject({ description: "temp is s3://bucket/temp to dev" });
    expect(reads).toBe(1);
  });

  test("integers of any size are built as they are written (FW-106)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": `${EXE}x-big: 12345678901234567890\n`,
      "lava-payloads/hello.sh": SH,
    });

    await files.build("dev");

    expect(files.read("dist/dev/lava-jobs/a.json")).toContain('"x-big": 12345678901234567890');
  });

  test("a record that was read at another endpoint is used with a warning, and read anew where it is given", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": EXE.replace("says hello", "in <{ lava.realm.s3_temp }>"),
      "lava-jobs/b.yaml": EXE.replace("/hello", "/b"),
      "lava-payloads/hello.sh": SH,
    });
    const record = { realm: "test", s3_temp: "s3://local/temp" };
    const endpoint = "http://127.0.0.1:4000";
    const local = { realmInfo: { record, endpoint } };
    const inAws = { realmInfo: { record: { ...record, s3_temp: "s3://aws/temp" } } };

    expect((await files.build("dev", local)).warnings).toEqual([]);
    const warned = await files.build("dev");
    expect(warned.warnings).toMatchObject([
      { code: "realm_elsewhere", message: expect.stringContaining(endpoint) },
    ]);
    const there = { AWS_ENDPOINT_URL: endpoint };
    expect((await files.build("dev", {}, there)).warnings).toEqual([]);

    expect((await files.build("dev", inAws)).built).toEqual(["lava-jobs/a.json"]);
    expect((await files.build("dev")).warnings).toEqual([]);
    const back = await files.build("dev", local);
    expect(back.items[0]?.data).toMatchObject({ description: "in s3://local/temp to dev" });
  });

  test("two sources of one output, near misses of names and bad links are reported (FW-008, FW-096, FW-101)", async () => {
    using files = testProject({
      "lava-jobs/a.yaml": EXE,
      "lava-jobs/a.json": "null",
      "lava-jobs/b.yml": EXE,
      "lava-payloads/hello.sh": SH,
    });
    files.link("nowhere.yaml", "lava-jobs/dangling.yaml");

    const { issues } = await failure(files.build("dev", { strict: true }));

    expect(issues.map(({ code }) => code).sort()).toEqual([
      "bad_symlink",
      "ignored_file",
      "same_output",
    ]);
  });

  test("an unknown environment names those there are (FW-050)", async () => {
    using files = testProject({ "lava-jobs/a.yaml": EXE });

    const error = await failure(files.build("dve"));

    expect(error).toMatchObject({
      code: "UNKNOWN_ENVIRONMENT",
      message: "config/dve.yaml: No such file",
    });
    expect(error.hint).toMatch(/Did you mean dev\? .*dev, uat/);
  });
});

describe("outputs", () => {
  test("JSON has sorted keys, four blanks, escapes (FW-106)", async () => {
    using files = testProject({
      "lava-connections/c.json":
        '{"type": "generic", "conn_id": "c", "enabled": true, "X-b": "\u00e9"}',
    });

    await files.build("dev", { trackingFields: false, validation: "off" });

    expect(files.read("dist/dev/lava-connections/c.json")).toBe(
      '{\n    "X-b": "\\u00e9",\n    "conn_id": "c",\n    "enabled": true,\n    "type": "generic"\n}\n',
    );
  });

  test("everything is where dist/<env> has it, scripts with their mode", async () => {
    using files = testProject({
      "lava-payloads/hello.sh": SH,
      "misc/m.sql": "select '<{ env }>';\n",
    });
    await files.build("dev");

    expect(statSync(join(files.dir, "dist/dev/lava-payloads/hello.sh")).mode & 0o777).toBe(0o644);
    expect(files.read("dist/dev/misc/m.sql")).toBe("select 'dev';\n");
    expect(
      readdirSync(join(files.dir, "dist/dev")).filter((name) => name.startsWith(".stage")),
    ).toEqual([]);
  });

  test("a manifest that cannot be read is made anew", async () => {
    using files = testProject({ "lava-payloads/hello.sh": SH });
    await files.build("dev");
    writeFileSync(join(files.dir, "dist/dev/manifest.json"), "{");

    const built = await files.build("dev");

    expect(built.built).toEqual(["lava-payloads/hello.sh"]);
    expect(readFileSync(join(files.dir, "dist/dev/manifest.json"), "utf8")).toContain("hello.sh");
  });
});
