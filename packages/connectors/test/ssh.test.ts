import { spawn, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { DataMap } from "@lava/core";
import { startSshd, type TestSshd } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkConnection, connect, connectCli, connectFiles } from "../src/index.ts";
import { fakeRealm } from "./fake-realm.ts";
import { filesConformance } from "./files-conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-ssh-"));
let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd(process.env);
});
afterAll(async () => {
  await sshd[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const env = { PATH: process.env["PATH"], HOME: folder };

function realmWith(fields: DataMap, key = sshd.key) {
  const { host, port, user, knownHosts } = sshd;
  const record = { enabled: true, ssh_key: "/lava/test/key", host, port, user };
  return fakeRealm({
    connections: { far: { ...record, known_hosts: knownHosts, ...fields } },
    parameters: { "/lava/test/key": key },
  });
}

const files = (fields: DataMap = {}, key?: string) =>
  connectFiles("far", { realm: realmWith({ type: "sftp", ...fields }, key), env });

for (const type of ["sftp", "scp"]) {
  filesConformance(type, {
    open: () => files({ type }),
    root: () => {
      mkdirSync(join(folder, type), { recursive: true });
      return join(folder, type);
    },
  });
}

describe("an ssh connection opened by the library", () => {
  test("runs commands, with what they read and what they end with", async () => {
    await using shell = await connect("far", {
      realm: realmWith({ type: "ssh" }),
      type: "ssh",
      env,
    });

    expect(await shell.exec("cat; echo oops >&2; exit 3", { input: "hello" })).toEqual({
      status: 3,
      signal: undefined,
      stdout: "hello",
      stderr: "oops\n",
    });
    expect(await shell.exec("kill -9 $$")).toMatchObject({ status: undefined, signal: "SIGKILL" });
  });

  test("takes keys whose lines were joined with commas (CON-ssh-02)", async () => {
    await using client = await files({}, sshd.key.trim().replaceAll("\n", ","));

    expect(await client.stat("/")).toMatchObject({ type: "directory" });
  });

  test("takes host, user and port from ssh_options as well", async () => {
    const { host, port, user } = sshd;
    const ssh_options = [`HostName=${host}`, `Port ${port}`, `User=${user}`, "BatchMode=yes"];
    await using client = await files({ host: null, port: null, user: null, ssh_options });

    expect(await client.stat("/")).toBeDefined();
  });

  test("tells who is there", async () => {
    const check = await checkConnection("far", { realm: realmWith({ type: "sftp" }), env });

    expect(check).toMatchObject({
      server: expect.stringMatching(`^SSH OpenSSH_[\\w.]+ 127.0.0.1:${sshd.port}$`),
      details: { host_key: "ssh-ed25519" },
    });
  });

  test.each<[string, DataMap, string, string]>([
    ["a host that nobody knows", { known_hosts: null }, "HOST_KEY_REFUSED", "is not a known host"],
    ["an unknown user", { user: "nobody-here" }, "LOGIN_FAILED", "does not accept this user with"],
    ["a port without a server", { port: 1 }, "CONNECTION_FAILED", "nobody listens there"],
    ["a host that is not there", { host: "no-such.invalid" }, "CONNECTION_FAILED", "no-such"],
    ["a record that is off", { enabled: false }, "CONNECTION_DISABLED", "Not enabled"],
    ["a record without a key", { ssh_key: "/none" }, "BAD_CONNECTION_RECORD", "SSM /none"],
    [
      "options that are no list",
      { ssh_options: "a" },
      "BAD_CONNECTION_RECORD",
      "must be a list of strings",
    ],
    [
      "options of the command",
      { ssh_options: ["ProxyJump=x"] },
      "BAD_CONNECTION_RECORD",
      "proxyjump",
    ],
    ["a record without a host", { host: null }, "BAD_CONNECTION_RECORD", "host must be specified"],
  ])("refuses %s", async (_name, fields, code, message) => {
    await expect(files(fields)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test("a record whose commands name the host is checked by its key alone (CON-ssh-01)", async () => {
    const far = (key?: string) => realmWith({ type: "ssh", host: "", user: "", port: "" }, key);

    expect(await checkConnection("far", { realm: far(), env })).toEqual({
      server: "an ssh-ed25519 key for hosts that commands name",
    });
    await expect(checkConnection("far", { realm: far("no key"), env })).rejects.toMatchObject({
      code: "BAD_CONNECTION_RECORD",
    });
  });

  test("refuses a host under another key, and one that is no key", async () => {
    const other = sshd.knownHosts.replace(/AAAA\S+/, (key) => `${key.slice(0, -6)}AAAAAA`);
    await expect(files({ known_hosts: other })).rejects.toThrow("is known under another key");
    await expect(files({}, "no key")).rejects.toThrow("holds no private key");
  });

  test("lets an unknown host pass when the record says so", async () => {
    const open = { known_hosts: null, ssh_options: ["StrictHostKeyChecking=accept-new"] };
    await using client = await files(open);

    expect(await client.stat("/")).toBeDefined();
  });

  test("a server that goes away in the middle of a file is told as such", async () => {
    await using own = await startSshd(process.env);
    writeFileSync(join(folder, "big"), Buffer.alloc(50_000_000));
    const realm = fakeRealm({
      connections: {
        far: {
          type: "sftp",
          enabled: true,
          ssh_key: "k",
          host: own.host,
          port: own.port,
          user: own.user,
          known_hosts: own.knownHosts,
        },
      },
      parameters: { k: own.key },
    });
    await using client = await connectFiles("far", { realm, env });
    const stream = await client.get(join(folder, "big"));
    const reading = (async () => {
      let size = 0;
      for await (const part of stream) {
        if (size === 0) killChildren(own.pid);
        size += Buffer.from(part).length;
      }
      return size;
    })();

    await expect(reading).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    await expect(client.list("/")).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  });
});

/** The processes of a server's connections are its children. */
function killChildren(pid: number): void {
  spawnSync("pkill", ["-KILL", "-P", String(pid)]);
}

describe("the wrappers of the ssh family", () => {
  const workdir = mkdtempSync(join(folder, "job-"));
  const wrapper = (fields: DataMap) =>
    connectCli("far", { realm: realmWith(fields), workdir, env });
  const run = (path: string, args: readonly string[], input = "") =>
    spawnSync(path, args, { env, encoding: "utf8", input, cwd: workdir });

  test("hold the key in a file of its own, mode 0600, and nothing else (CON-ssh-02, 03)", async () => {
    const path = await wrapper({ type: "ssh", ssh_options: ["LogLevel=ERROR", "User=it's me"] });
    const dir = dirname(path);

    expect(readFileSync(path, "utf8")).toBe(
      `#!/bin/bash\nssh -o LogLevel=ERROR -o 'User=it'"'"'s me' -o UserKnownHostsFile=${dir}/known_hosts -i ${dir}/ssh.pem "$@"\n`,
    );
    expect(readFileSync(join(dir, "ssh.pem"), "utf8")).toBe(sshd.key);
    expect(statSync(join(dir, "ssh.pem")).mode & 0o777).toBe(0o600);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  test("ssh runs a command there, with its status and streams", async () => {
    const path = await wrapper({ type: "ssh" });
    const target = `${sshd.user}@${sshd.host}`;

    expect(run(path, ["-p", String(sshd.port), target, "cat; exit 5"], "in")).toMatchObject({
      status: 5,
      stdout: "in",
    });
  });

  test("an unknown host ends the command instead of asking", async () => {
    const path = await wrapper({ type: "ssh", known_hosts: null });
    const { status, stderr } = run(path, ["-p", String(sshd.port), sshd.host, "true"]);

    expect(status).toBe(255);
    expect(stderr).toContain("Host key verification failed");
  });

  test("scp copies both ways, sftp by the caller's own batch (CON-scp-01, CON-sftp-01)", async () => {
    const scp = await wrapper({ type: "scp", ssh_options: [`Port=${sshd.port}`] });
    const sftp = await wrapper({ type: "sftp", ssh_options: [`Port=${sshd.port}`] });
    const far = `${sshd.user}@${sshd.host}:`;
    writeFileSync(join(workdir, "local"), "content");

    expect(run(scp, [join(workdir, "local"), `${far}${workdir}/there`])).toMatchObject({
      status: 0,
    });
    expect(run(scp, [`${far}${workdir}/there`, join(workdir, "back")])).toMatchObject({
      status: 0,
    });
    expect(readFileSync(join(workdir, "back"), "utf8")).toBe("content");
    const batch = run(
      sftp,
      ["-b", "-", `${sshd.user}@${sshd.host}`],
      `get ${workdir}/there by-sftp\n`,
    );
    expect(batch.status).toBe(0);
    expect(readFileSync(join(workdir, "by-sftp"), "utf8")).toBe("content");
  });

  test("a wrong key is refused by the server", async () => {
    const path = await wrapper({ type: "ssh", ssh_options: ["BatchMode=yes"] });
    const { stdout } = spawnSync("ssh-keygen", [
      "-q",
      "-t",
      "ed25519",
      "-N",
      "",
      "-f",
      join(folder, "other"),
    ]);
    writeFileSync(join(dirname(path), "ssh.pem"), readFileSync(join(folder, "other")));
    const { status, stderr } = run(path, [
      "-p",
      String(sshd.port),
      `${sshd.user}@${sshd.host}`,
      "true",
    ]);

    expect(String(stdout)).toBe("");
    expect(status).toBe(255);
    expect(stderr).toContain("Permission denied");
  });

  test("no part of the key is in any argument or environment while one runs", async () => {
    const path = await wrapper({ type: "ssh" });
    const child = spawn(
      path,
      ["-p", String(sshd.port), `${sshd.user}@${sshd.host}`, "echo on; cat"],
      {
        env,
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    await new Promise((resolve) => {
      child.stdout.once("data", resolve);
    });
    const seen = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => ["cmdline", "environ"].map((file) => `/proc/${pid}/${file}`))
      .map((file) => {
        try {
          return readFileSync(file, "utf8");
        } catch {
          return "";
        }
      })
      .join("\n");
    child.stdin.end();

    expect(seen).toContain("ssh.pem");
    for (const line of sshd.key.trim().split("\n").slice(1, -1)) expect(seen).not.toContain(line);
  });
});

describe("git", () => {
  const repo = (): string => {
    const dir = mkdtempSync(join(folder, "git-"));
    const git = (...args: string[]) => spawnSync("git", args, { cwd: dir, env, encoding: "utf8" });
    git("init", "-q", "-b", "main", "work");
    writeFileSync(join(dir, "work/file.txt"), "in git");
    const who = ["-C", "work", "-c", "user.name=t", "-c", "user.email=t@x.org"];
    git("-C", "work", "add", ".");
    git(...who, "commit", "-q", "-m", "first");
    git("clone", "-q", "--bare", "work", "bare.git");
    return `ssh://${sshd.user}@${sshd.host}:${sshd.port}${dir}/bare.git`;
  };

  test("the wrapper clones by ssh, its options quoted twice (CON-git-01)", async () => {
    const workdir = mkdtempSync(join(folder, "job with blank "));
    const ssh_options = ["SetEnv=A='b c'", "LogLevel=ERROR"];
    const path = await connectCli("far", {
      realm: realmWith({ type: "git", ssh_options }),
      workdir,
    });
    const { status, stderr } = spawnSync(path, ["clone", "-q", repo(), "copy"], {
      env,
      cwd: workdir,
      encoding: "utf8",
    });

    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(readFileSync(join(workdir, "copy/file.txt"), "utf8")).toBe("in git");
  });

  test("the library runs git with the key, which is gone afterwards", async () => {
    const dir = mkdtempSync(join(folder, "lib-"));
    const options = { realm: realmWith({ type: "git" }), type: "git", env, tmpdir: dir } as const;
    {
      await using git = await connect("far", options);
      await git.run(["clone", "-q", repo(), "copy"], { cwd: dir });

      expect(readFileSync(join(dir, "copy/file.txt"), "utf8")).toBe("in git");
      await expect(git.run(["clone", "-q", `${repo()}x`], { cwd: dir })).rejects.toMatchObject({
        code: "GIT_FAILED",
        message: expect.stringMatching(/^Connection far: .*does not/s),
      });
    }
    expect(readdirSync(dir)).toEqual(["copy"]);
    expect((await checkConnection("far", options)).server).toMatch(/^git version 2/);
  });
});

test("what is read is text where text was written", async () => {
  writeFileSync(join(folder, "plain"), "plain");
  await using client = await files();

  expect(await text(await client.get(join(folder, "plain")))).toBe("plain");
});
