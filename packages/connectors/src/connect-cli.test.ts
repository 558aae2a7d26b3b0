import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { DataMap } from "@lava/core";
import { afterAll, describe, expect, test } from "vitest";
import { fakeRealm } from "../test/fake-realm.ts";
import { connectCli } from "./connect-cli.ts";

const workdir = mkdtempSync(join(tmpdir(), "lava-cli-"));
afterAll(() => rmSync(workdir, { recursive: true }));

/** A program of this name, first on PATH. */
function program(name: string, script: string): string {
  const path = join(mkdtempSync(join(workdir, "bin-")), name);
  writeFileSync(path, `#!/bin/bash\n${script}\n`);
  chmodSync(path, 0o755);
  return dirname(path);
}

function run(command: string, args: readonly string[], ...folders: readonly string[]) {
  const PATH = [...folders, "/usr/bin", "/bin"].join(":");
  const { status, stdout, stderr } = spawnSync(command, args, { env: { PATH }, encoding: "utf8" });
  return { status, stdout, stderr };
}

function wrapper(item: DataMap, parameters: Record<string, string> = {}): Promise<string> {
  const realm = fakeRealm({ connections: { conn: { enabled: true, ...item } }, parameters });
  return connectCli("conn", { realm, workdir });
}

const mode = (path: string): number => statSync(path).mode & 0o777;

describe("a wrapper", () => {
  test("is a private script in a private directory of its own (CON-all-10)", async () => {
    const path = await wrapper({ type: "sqlite3", host: "a.db", port: 1 });

    expect(path).toMatch(/\/conn\.[0-9a-f]{8}\/sqlite3$/);
    expect(mode(path)).toBe(0o700);
    expect(mode(dirname(path))).toBe(0o700);
  });

  test.each([
    [{ type: "sqlite3", enabled: false }, "Connection conn: Not enabled"],
    [{ type: "docker" }, "conn: Unsupported connection type - docker"],
    [{ type: "sqlite3" }, "Connection conn: Missing keys: host, port"],
    [
      { type: "sqlite3", host: "it's.db", port: 1 },
      "Connection conn: Invalid database file (host parameter)",
    ],
    [{ type: "generic" }, "Connection conn: Connection conn: Missing keys: attributes"],
  ])("of %o is refused (CON-all-03, 04)", async (item, message) => {
    await expect(wrapper(item)).rejects.toMatchObject({ message });
  });
});

describe("the sqlite3 wrapper (CON-sqlite3-03)", () => {
  test("passes its arguments and its input through and ends with the client's status", async () => {
    const path = await wrapper({ type: "sqlite3", host: "/data/my file.db", port: 1 });
    const client = program("sqlite3", 'printf "<%s>" "$@"; cat; exit 7');

    const result = spawnSync(path, ["-header", "a b"], {
      env: { PATH: `${client}:/usr/bin:/bin` },
      input: "select 1",
      encoding: "utf8",
    });

    expect(result.status).toBe(7);
    expect(result.stdout).toBe("<-bail><-batch><-header><a b></data/my file.db>select 1");
  });

  test("fetches a database from S3 and puts it back when it changed, on Linux too", async () => {
    const path = await wrapper({ type: "sqlite3", host: "s3://bucket/dir/x.db", port: 1 });
    const log = join(workdir, "aws.log");
    const aws = program(
      "aws",
      `echo "$@" >> ${log}
      case "$2" in
        get-object) echo start > "\${!#}"; echo '"etag"';;
        head-object) echo '"etag"';;
      esac`,
    );
    const reader = program("sqlite3", "true");
    const writer = program("sqlite3", 'echo more >> "${!#}"');
    const calls = (): string[] =>
      readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(" ").slice(0, 2).join(" "));

    expect(run(path, [], aws, reader).status).toBe(0);
    expect(calls()).toEqual(["s3api get-object"]);
    expect(run(path, [], aws, writer)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(calls().slice(1)).toEqual(["s3api get-object", "s3api head-object", "s3 cp"]);
    expect(readFileSync(log, "utf8")).toContain("--sse AES256");
  });

  test("does not put a database back that somebody else changed", async () => {
    const path = await wrapper({ type: "sqlite3", host: "s3://bucket/x.db", port: 1 });
    const aws = program(
      "aws",
      'case "$2" in get-object) echo start > "${!#}"; echo one;; head-object) echo two;; *) exit 9;; esac',
    );
    const writer = program("sqlite3", 'echo more >> "${!#}"');

    const { status, stderr } = run(path, [], aws, writer);

    expect(status).toBe(1);
    expect(stderr).toBe("s3://bucket/x.db was changed by somebody else since it was read\n");
  });

  test("does not put back what a failed client left", async () => {
    const path = await wrapper({ type: "sqlite3", host: "s3://bucket/x.db", port: 1 });
    const aws = program("aws", '[ "$2" == get-object ] && echo start > "${!#}"');
    const failing = program("sqlite3", 'echo more >> "${!#}"; exit 5');

    expect(run(path, [], aws, failing).status).toBe(5);
  });
});

describe("the generic wrapper (CON-generic-02)", () => {
  const item: DataMap = {
    type: "generic",
    attributes: {
      text: "line\n",
      yes: true,
      nothing: null,
      list: { value: [1, "a"] },
      secret: { type: "ssm", parameter: "/lava/test/p" },
    },
  };

  test.each([
    ["text", "line\n"],
    ["yes", "True"],
    ["nothing", "None"],
    ["list", "[1, 'a']"],
    ["secret", "s3cret"],
  ])("prints %s as Python prints it", async (name, text) => {
    const path = await wrapper(item, { "/lava/test/p": "s3cret" });

    expect(run(path, [name])).toEqual({ status: 0, stdout: text, stderr: "" });
  });

  test("refuses unknown names and a wrong count", async () => {
    const path = await wrapper(item, { "/lava/test/p": "s3cret" });

    expect(run(path, ["nope"])).toEqual({
      status: 1,
      stdout: "",
      stderr: "nope: No such parameter\n",
    });
    for (const args of [[], ["a", "b"]]) {
      expect(run(path, args)).toEqual({
        status: 1,
        stdout: "",
        stderr: "Usage: get-attr-value param_name\n",
      });
    }
  });

  test("keeps values in files that only the owner reads", async () => {
    const path = await wrapper(item, { "/lava/test/p": "s3cret" });
    const values = join(dirname(path), "values");

    expect(mode(values)).toBe(0o700);
    expect(mode(join(values, "secret"))).toBe(0o600);
    expect(readFileSync(path, "utf8")).not.toContain("s3cret");
  });
});

describe("wrappers of mail and chat", () => {
  const echo = 'printf "<%s>" "$@"';

  test("email names the connection and its addresses, and passes its arguments on (CON-email-07)", async () => {
    const path = await wrapper({
      type: "email",
      from: 'it\'s "me" <a@x.org>',
      reply_to: ["r@x.org", "s@x.org"],
    });

    const { stdout } = run(path, ["--to", "b@x.org"], program("lava-email", echo));
    expect(stdout).toBe(
      '<--conn-id><conn><--realm><><--from><it\'s "me" <a@x.org>><--reply-to><r@x.org><--reply-to><s@x.org><--to><b@x.org>',
    );
  });

  test("slack has no webhook in it (CON-all-11)", async () => {
    const webhook_url = "https://hooks.slack.example/secret";
    const realm = fakeRealm({
      connections: { conn: { enabled: true, type: "slack", webhook_url } },
      profile: "my profile",
    });
    const path = await connectCli("conn", { realm, workdir });

    expect(readFileSync(path, "utf8")).not.toContain("secret");
    const { stdout } = run(path, ["-m", "hi"], program("lava-slack", echo));
    expect(stdout).toBe("<--profile><my profile><--conn-id><conn><--realm><><-m><hi>");
  });

  test("ses sends by the aws command, its body from an option or from standard input (CON-ses-01)", async () => {
    const path = await wrapper({ type: "ses", from: "a@x.org", reply_to: "r@x.org" });
    const aws = program("aws", `${echo}; last="\${!#}"; cat "\${last#file://}" 2>/dev/null; true`);
    const given = ["--subject", "s", "--to", "b@x.org"];
    const fixed =
      "<--region><us-east-1><ses><send-email><--from><a@x.org><--reply-to-addresses><r@x.org>";

    expect(run(path, [...given, "--text", "t"], aws).stdout).toBe(
      `${fixed}<--subject><s><--to><b@x.org><--text><t>`,
    );
    const html = spawnSync(path, given, {
      env: { PATH: `${aws}:/usr/bin:/bin` },
      input: "<html>x</html>\n",
      encoding: "utf8",
    });
    expect(html.stdout).toMatch(/<--html><file:\/\/\S+><html>x<\/html>\n$/);
    expect(run(path, ["--nope"], aws)).toMatchObject({ status: 1, stderr: "Bad option: --nope\n" });
    await expect(wrapper({ type: "ses" })).rejects.toThrow('No "from" for SES found');
  });
});
