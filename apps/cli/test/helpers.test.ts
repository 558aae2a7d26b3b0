import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type EmulatedRealm, emulatedRealm } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { VERSION } from "../src/version.ts";
import { type CliResult, runCli } from "./cli.ts";

let folder: string;
let emulated: EmulatedRealm;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lava helpers-"));
  emulated = await emulatedRealm({ jobs: [{ job_id: "app/a", payload: "x", timeout: 1.5 }] });
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: string): void => writeFileSync(join(folder, name), content);
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

async function helper(words: readonly string[], stdin = ""): Promise<CliResult> {
  return await runCli(["helper", ...words], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...emulated.environment },
    stdin: Readable.from([stdin]),
  });
}

/** A program named docker that notes its arguments and what it is told on stdin. */
function fakeDocker(script: string): Record<string, string> {
  const bin = join(folder, "fake bin");
  mkdirSync(bin, { recursive: true });
  const log = join(folder, "docker.log");
  rmSync(log, { force: true });
  writeFileSync(join(bin, "docker"), `#!/bin/sh\necho "$@" >> '${log}'\n${script}\n`, {
    mode: 0o755,
  });
  return { PATH: `${bin}:${process.env["PATH"]}` };
}

test("every helper of the original's builds is there, but for update, which is lava update (FW-010)", async () => {
  const { stdout } = await helper(["--help"]);
  const names = [...stdout.matchAll(/^ {2}([a-z][\w-]+)(?: |$)/gm)].map(([, name]) => name);
  expect(names.toSorted()).toEqual(
    [
      ...["dyn-get-item", "dyn-put-item", "ecr-login", "ecr-push", "docker-purge"],
      ...["event-put-rule", "git-commit-info", "ipynb2py", "json-diff", "json-inject"],
      ...["lava-docker", "lava-pkg", "lava-rsc", "os-type", "yaml2json", "yaml_key_diff"],
    ].toSorted(),
  );
});

describe("packing", () => {
  test("lava-pkg zips a folder of any name, its env/ rendered when names are given (FW-186, CLI-228, CLI-235)", async () => {
    mkdirSync(join(folder, "my tool.pkg/env"), { recursive: true });
    write("my tool.pkg/run.sh", "#!/bin/sh\n");
    write("my tool.pkg/env/x.sh", "REALM=<{ realm }> WHO=<{ who }>\n");
    write("shared.txt", "shared\n");
    symlinkSync("../shared.txt", join(folder, "my tool.pkg/linked.txt"));
    write("dev.yaml", "realm: dev\nwho: nobody\n");

    const done = await helper([
      "lava-pkg",
      "-c",
      "dev.yaml",
      "-p",
      "who=a b",
      "my tool.pkg",
      "out dir",
    ]);
    const plain = await helper(["lava-pkg", "my tool.pkg", "plain.zip"]);

    expect([done, plain]).toMatchObject([{ status: 0 }, { status: 0 }]);
    expect(await unzip(readFileSync(join(folder, "out dir/my tool.pkg.zip")))).toEqual({
      "env/x.sh": "REALM=dev WHO=a b\n",
      "linked.txt": "shared\n",
      "run.sh": "#!/bin/sh\n",
    });
    expect((await unzip(readFileSync(join(folder, "plain.zip"))))["env/x.sh"]).toBe(
      "REALM=<{ realm }> WHO=<{ who }>\n",
    );
    write("my tool.pkg/env/bad.sh", "<{ a.b.c }>\n");
    expect(await helper(["lava-pkg", "-p", "a=1", "my tool.pkg", "bad.zip"])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("bad.sh"),
    });
    rmSync(join(folder, "my tool.pkg/env/bad.sh"));
    expect(await helper(["lava-pkg", "nothing"])).toMatchObject({ status: 3 });
    expect(await helper(["lava-pkg"])).toMatchObject({ status: 2 });
  });

  test("lava-rsc renders each file of a folder into another, linked ones with -L (CLI-230)", async () => {
    mkdirSync(join(folder, "a b.rsc/in"), { recursive: true });
    write("a b.rsc/in/x.txt", "<{ who }>\n");
    write("a b.rsc/in/x.txt.swp", "no");

    expect(await helper(["lava-rsc", "-p", "who=me", "a b.rsc", "made"])).toMatchObject({
      status: 0,
    });
    expect(read("made/in/x.txt")).toBe("me\n");
    expect(statSync(join(folder, "made/in/x.txt.swp"), { throwIfNoEntry: false })).toBeUndefined();
    symlinkSync("nowhere", join(folder, "a b.rsc/dangling"));
    symlinkSync("in/x.txt", join(folder, "a b.rsc/link"));
    expect(await helper(["lava-rsc", "a b.rsc", "no links"])).toMatchObject({ status: 0 });
    expect(readdirSync(join(folder, "no links"))).toEqual(["in"]);
    rmSync(join(folder, "a b.rsc/dangling"));
    expect(await helper(["lava-rsc", "-L", "a b.rsc", "links"])).toMatchObject({ status: 0 });
    expect(read("links/link")).toBe("<{ who }>\n");
    expect(await helper(["lava-rsc", "a b.rsc", "a b.rsc"])).toMatchObject({ status: 2 });
  });

  test("lava-docker builds by docker, with its arguments and another Dockerfile (CLI-229)", async () => {
    mkdirSync(join(folder, "i.docker"), { recursive: true });
    write("i.docker/run.sh", "x\n");
    write("Other", "FROM other\n");
    const env = fakeDocker(
      `[ "$1" = image ] && echo linux/arm64 && exit; while [ $# -gt 1 ]; do [ "$1" = --iidfile ] && echo sha256:1 > "$2"; shift; done; cat "$1/Dockerfile"`,
    );
    const words = ["helper", "lava-docker", "-b", "A=1 2", "-P", "linux/arm64", "-t", "t/i"];
    const { status, stdout } = await runCli([...words, "i.docker", "Other"], { cwd: folder, env });

    expect([status, stdout]).toEqual([0, "sha256:1\n"]);
    expect(read("docker.log")).toMatch(
      /^build .*--tag t\/i --build-arg A=1 2 --platform linux\/arm64 /,
    );
    const none = { PATH: "/nowhere" };
    expect(await runCli([...words, "i.docker"], { cwd: folder, env: none })).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("the docker command is not there"),
    });
  });
});

async function unzip(content: Uint8Array): Promise<Record<string, string>> {
  const { execFileSync } = await import("node:child_process");
  const file = join(folder, "x.zip");
  writeFileSync(file, content);
  const python =
    "import json,sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(json.dumps({n:z.read(n).decode() for n in z.namelist()}))";
  return JSON.parse(execFileSync("python3", ["-c", python, file], { encoding: "utf8" }));
}

describe("texts", () => {
  test("json-diff shows what differs and says so by its status (CLI-226, FW-276)", async () => {
    write("a.json", '{"job_id": "a", "n": 1, "x-lava-built": 1, "list": [1, 2, 3, 4, 5, 6]}');
    write("b.json", '{"job_id": "b", "n": 1, "x-lava-built": 2, "list": [1, 2, 3, 4, 5, 6]}');
    const shown = await helper(["json-diff", "-i", "x-*", "-n", "1", "a.json", "b.json"]);
    expect(shown).toMatchObject({
      status: 1,
      stdout: '@@ -1,3 +1,3 @@\n {\n-    "job_id": "a",\n+    "job_id": "b",\n     "list": [\n',
    });
    expect(await helper(["json-diff", "a.json", "-"], read("a.json"))).toMatchObject({
      status: 0,
      stdout: "",
    });
    expect(await helper(["json-diff", "a.json", "no.json"])).toMatchObject({ status: 1 });
  });

  test("json-inject adds nested values, then names at the top, then a checksum (CLI-227)", async () => {
    const words = ["-d", "a.b=text", "-j", "a.c=[1, null]", "-p", "x.y=z", "--hash-name", "x-chk"];
    const { stdout } = await helper(["json-inject", ...words, "--hash-ignore", "x*"], '{"a": {}}');
    expect(JSON.parse(stdout)).toEqual({
      a: { b: "text", c: [1, null] },
      "x.y": "z",
      "x-chk": expect.stringMatching(/^1;lava;sha256;[0-9a-f]{64}$/),
    });
    expect(JSON.parse((await helper(["json-inject", "-p", "a=1"], "[1]")).stdout)).toEqual([1]);
    expect(await helper(["json-inject", "--strict"], "[1]")).toMatchObject({ status: 1 });
    expect(await helper(["json-inject", "-d", "a.b=1"], '{"a": 1}')).toMatchObject({ status: 2 });
  });

  test("yaml2json reads YAML 1.1 and has a status for each fault (CLI-232)", async () => {
    expect(JSON.parse((await helper(["yaml2json"], "a: yes\nb: 010\n")).stdout)).toEqual({
      a: true,
      b: 8,
    });
    expect(await helper(["yaml2json"], "a: [\n")).toMatchObject({ status: 2 });
    expect(await helper(["yaml2json"], "a: 2024-01-01\n")).toMatchObject({ status: 3 });
  });

  test("yaml_key_diff compares the keys of files (CLI-233)", async () => {
    write("c 1.yaml", "a: 1\nb: {c: 1}\n");
    write("c 2.yaml", "a: 2\nb: {}\n");
    expect(await helper(["yaml_key_diff", "c 1.yaml", "c 2.yaml"])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("c 2.yaml: b.c is missing here"),
    });
    expect(await helper(["yaml_key_diff", "-i", "b.*", "c 1.yaml", "c 2.yaml"])).toMatchObject({
      status: 0,
      stdout: "",
    });
    expect(await helper(["yaml_key_diff", "c 1.yaml"])).toMatchObject({ status: 0 });
  });

  test("-T has a template of nbconvert's kind make the script, of ipynb2py and of what is packed (CLI-225, CLI-228)", async () => {
    const cells = [
      { cell_type: "markdown", source: ["Some *text*\n", "of two lines"] },
      { cell_type: "code", execution_count: 3, source: ["%matplotlib inline\n", "x = 1\n"] },
    ];
    mkdirSync(join(folder, "nb.pkg"));
    write("nb.pkg/n.ipynb", JSON.stringify({ cells, nbformat: 4 }));
    write("base.tpl", "{% extends 'python.tpl' %}\n{% block in_prompt %}{% endblock %}\n");
    write(
      "own.tpl",
      "{% extends 'base.tpl' %}\n{% block markdowncell %}\n{{ cell.source | comment_lines('## ') }}\n{% endblock %}\n",
    );
    mkdirSync(join(folder, "by template"));

    const words = ["ipynb2py", "-T", "own.tpl", "-o", "by template", "nb.pkg/n.ipynb"];
    expect(await helper(words)).toMatchObject({ status: 0 });
    const script = read("by template/n.py");

    expect(script).toMatch(/^#!\/usr\/bin\/env python3\n/);
    expect(script).toContain("## Some *text*\n## of two lines\n");
    expect(script).toContain("get_ipython().run_line_magic('matplotlib', 'inline')\nx = 1\n");
    expect(script).not.toContain("# In[");
    expect(
      await helper(["lava-pkg", "-T", "own.tpl", "nb.pkg", "by template/nb.zip"]),
    ).toMatchObject({
      status: 0,
    });
    expect(await helper(["ipynb2py", "-T", "none.tpl", "nb.pkg/n.ipynb"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("none.tpl"),
    });
  });

  test("ipynb2py, git-commit-info and os-type (CLI-224, CLI-225, CLI-231)", async () => {
    write(
      "n b.ipynb",
      JSON.stringify({ cells: [{ cell_type: "code", source: ["x = 1\n"] }], nbformat: 4 }),
    );
    mkdirSync(join(folder, "scripts"));
    expect(await helper(["ipynb2py", "-o", "scripts", "n b.ipynb"])).toMatchObject({ status: 0 });
    expect(read("scripts/n b.py")).toMatch(/^#!\/usr\/bin\/env python3\n[^]*x = 1\n/);
    expect(statSync(join(folder, "scripts/n b.py")).mode & 0o100).toBe(0o100);
    expect(await helper(["ipynb2py", "c 1.yaml"])).toMatchObject({ status: 1 });
    expect((await helper(["git-commit-info"])).stdout).toBe("--\n");
    expect((await helper(["os-type"])).stdout).toMatch(/^[a-z]+\d*\n$/);
  });
});

describe("AWS", () => {
  test("dyn-get-item and dyn-put-item work on the tables of lava, numbers with all their digits (FW-131, CLI-218, CLI-219)", async () => {
    const table = `lava.${emulated.realm.name}.jobs`;
    const got = await helper(["dyn-get-item", "-t", table, "-c", "lava.job", "job_id=app/a"]);
    expect(JSON.parse(got.stdout)).toMatchObject({
      lava: { job: { job_id: "app/a", timeout: 1.5 } },
    });
    expect(
      JSON.parse(
        (await helper(["dyn-get-item", "-t", "lava.realms", `realm=${emulated.realm.name}`]))
          .stdout,
      ),
    ).toMatchObject({ realm: emulated.realm.name });
    expect(await helper(["dyn-get-item", "-t", table, "job_id=no"])).toMatchObject({
      status: 2,
      stderr: "Item not found\n",
    });
    write("j 1.json", '{"job_id": "app/b", "type": "cmd", "big": 12345678901234567890.5}');
    write("null.json", "null");
    const put = await helper(["dyn-put-item", "-t", table, "j 1.json", "null.json"]);
    expect(put).toMatchObject({
      status: 0,
      stdout: "Deploy j 1.json\n",
      stderr: "null.json: Skipping null file\n",
    });
    expect((await helper(["dyn-get-item", "-t", table, "job_id=app/b"])).stdout).toContain(
      '"big": 12345678901234567890.5',
    );
    expect(await helper(["dyn-get-item", "-t", "other", "a=b"])).toMatchObject({ status: 1 });
    for (const name of ["dyn-get-item", "dyn-put-item", "event-put-rule"]) {
      expect(await helper([name, "-v"])).toMatchObject({ status: 0, stdout: `${VERSION}\n` });
    }
  });

  test("event-put-rule puts rules as a deployment does (CLI-223, FW-122)", async () => {
    const rule_id = `lava.${emulated.realm.name}.x`;
    const rule = { rule_id, owner: "o", description: "d", schedule_expression: "rate(1 hour)" };
    write("r 1.json", JSON.stringify({ ...rule, "X-more": "yes", enabled: true }));
    write("bad.json", JSON.stringify({ ...rule, pattern: {} }));
    write("none.json", "null");
    const put = await helper(["event-put-rule", "none.json", "r 1.json"]);
    expect(put).toMatchObject({
      status: 0,
      stderr: "none.json: Skipping empty specification file\n",
    });
    expect(await emulated.realm.rules.get("default", rule_id)).toMatchObject({
      enabled: true,
      tags: { owner: "o", "X-more": "yes" },
    });
    expect(await helper(["event-put-rule", "bad.json"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("pattern"),
    });
  });

  test("ecr-login, ecr-push and docker-purge use docker, no password in its arguments; images go with all their names (FW-260, CLI-220 to CLI-222)", async () => {
    const env = {
      ...emulated.environment,
      ...fakeDocker(`[ "$2" = inspect ] && [ "$5" = gone ] && exit 1
[ "$2" = inspect ] && echo sha256:1
[ "$1" = login ] && [ -z "$(cat)" ] && exit 1
exit 0`),
    };
    const run = async (...words: string[]): Promise<CliResult> =>
      await runCli(["helper", ...words], { cwd: folder, env });
    const login = await run("ecr-login");
    expect(login, login.stderr).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Logged in to /),
    });
    expect(await run("ecr-push", "lava/x:v1")).toMatchObject({ status: 0 });
    expect(await run("docker-purge", "lava/x", "lava/x:v1", "gone")).toMatchObject({
      status: 0,
      stderr: "gone: No such image\n",
    });
    expect(read("docker.log").split("\n")).toEqual([
      expect.stringMatching(/^login --username AWS --password-stdin \S+$/),
      expect.stringMatching(/^tag lava\/x:v1 \S+\/lava\/x:latest$/),
      expect.stringMatching(/^push \S+\/lava\/x:latest$/),
      ...["lava/x", "lava/x:v1", "gone"].map((name) =>
        expect.stringMatching(`inspect .* ${name}$`),
      ),
      "image rm --force sha256:1",
      "",
    ]);
  });
});
