import { mkdtempDisposableSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import type { DataMap } from "@lava/core";
import { startSamba, type TestSamba } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkConnection, connectCli, connectFiles } from "../src/index.ts";
import { fakeRealm } from "./fake-realm.ts";
import { filesConformance } from "./files-conformance.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-smb-test-"));
let samba: TestSamba;
beforeAll(async () => {
  samba = await startSamba(process.env);
});
afterAll(async () => {
  await samba[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const env = { PATH: process.env["PATH"] };

function realmWith(fields: DataMap = {}) {
  const { host, port, user, password } = samba;
  const record = { host, port, user, password: "/smb/pw", remote_name: "TESTHOST" };
  return fakeRealm({
    connections: { nas: { type: "smb", enabled: true, ...record, ...fields } },
    parameters: { "/smb/pw": password, "/smb/wrong": "wrong" },
    secrets: { login: JSON.stringify({ username: user, password, dbname: "x" }) },
  });
}

const open = (fields?: DataMap) =>
  connectFiles("nas", { realm: realmWith(fields), env, tmpdir: folder });

filesConformance("smb, signed", {
  open: () => open(),
  root: () => `/${samba.share}`,
  odd: "ä $(x)'.txt",
});

describe("an smb connection", () => {
  test("lists the shares, of which the first part of each path is one", async () => {
    await using client = await open();

    expect((await client.list("/")).map(({ name }) => name)).toEqual([
      "closed",
      "data",
      "readonly",
    ]);
    expect(await client.stat("/data")).toMatchObject({ type: "directory" });
  });

  test("its wrapper is lava-smb with the connection, and shows no secret (CON-smb-03)", async () => {
    const path = await connectCli("nas", { realm: realmWith(), env, workdir: folder });
    const script = readFileSync(path, "utf8");
    rmSync(dirname(path), { recursive: true });

    expect(script).toMatch(/lava-smb .*nas.* "\$@"/);
    expect(script).not.toContain(samba.password);
  });

  test("encrypts when asked to, with the second subtype as well (CON-smb-03)", async () => {
    await using client = await open({ encrypt: true, subtype: "smbprotocol", is_direct_tcp: true });

    expect(await client.put("/data/secret.txt", "x")).toEqual({ size: 1 });
    expect(readFileSync(join(samba.shareFolder, "secret.txt"), "utf8")).toBe("x");
  });

  test("takes user and password from a secret, other fields of which do not disturb (CON-smb-02)", async () => {
    const { host, port } = samba;
    const connection = { type: "smb", enabled: true, host, port, remote_name: "H", secret_id: "s" };
    const secret = JSON.stringify({ username: samba.user, password: samba.password, dbname: "d" });
    const realm = fakeRealm({ connections: { nas: connection }, secrets: { s: secret } });
    await using client = await connectFiles("nas", { realm, env, tmpdir: folder });

    expect(await client.stat("/data")).toBeDefined();
  });

  test("tells who is there", async () => {
    // A machine without a worker has no folder there yet.
    using bare = mkdtempDisposableSync(join(tmpdir(), "lava-smb-bare-"));
    const place = { realm: realmWith(), env, tmpdir: join(bare.path, "not", "yet") };
    expect(await checkConnection("nas", place)).toEqual({
      server: `SMB 127.0.0.1:${samba.port}`,
      details: { shares: ["closed", "data", "readonly"], encrypted: false },
    });
  });

  test("shares refuse what they refuse", async () => {
    await using client = await open();

    await expect(client.list("/closed")).rejects.toMatchObject({ code: "FILE_ACCESS_DENIED" });
    await expect(client.put("/readonly/a", "x")).rejects.toMatchObject({
      code: "FILE_ACCESS_DENIED",
    });
    await expect(client.list("/nowhere")).rejects.toThrow("/nowhere: There is no such share");
    await expect(client.put("/data/a*b", "x")).rejects.toThrow("cannot hold *");
    await expect(client.rename("/data/a", "/closed/a")).rejects.toThrow("It is another share");
  });

  test.each<[string, DataMap, string, string]>([
    ["a wrong password", { password: "/smb/wrong" }, "LOGIN_FAILED", "STATUS_LOGON_FAILURE"],
    ["a port without a server", { port: 1 }, "CONNECTION_FAILED", "nobody listens there"],
  ])("refuses %s", async (_name, fields, code, text) => {
    await using client = await open(fields);

    await expect(client.list("/data")).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
    });
  });

  test.each<[DataMap, string]>([
    [{ enabled: false }, "Connection not enabled"],
    [{ sid: "x" }, "Unexpected keys: sid"],
    [{ subtype: "x" }, "Unsupported connection type - smb = ('smb', 'x')"],
  ])("refuses a record with %o (CON-smb-01)", async (fields, message) => {
    await expect(open(fields)).rejects.toThrow(message);
  });

  test("shows no secret in any argument or environment, and leaves no file behind", async () => {
    let seen = "";
    {
      await using client = await open();
      const source = function* () {
        yield Buffer.alloc(1_000_000);
        const files = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
        seen = files
          .flatMap((pid) => ["cmdline", "environ"].map((file) => `/proc/${pid}/${file}`))
          .map((file) => {
            try {
              return readFileSync(file, "utf8");
            } catch {
              return "";
            }
          })
          .join("\n");
        yield Buffer.alloc(10);
      };
      await client.put("/data/seen", Readable.from(source()));
    }

    expect(seen).toContain("smbclient");
    expect(seen).not.toContain(samba.password);
    expect(readdirSync(folder)).toEqual([]);
  });
});
