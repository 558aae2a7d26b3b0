import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { openS3Object } from "@lava/connectors";
import type { DataMap } from "@lava/core";
import { emulatedRealm, type EmulatedRealm, startSamba, type TestSamba } from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runHandler } from "../../test/handler-context.ts";
import { smb_get } from "./smb_get.ts";
import { smb_put } from "./smb_put.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-smb-job-"));
let samba: TestSamba;
let emulated: EmulatedRealm;
beforeAll(async () => {
  samba = await startSamba(process.env);
  const { host, port, user } = samba;
  const nas = { conn_id: "nas", type: "smb", host, port, user, remote_name: "H", password: "/pw" };
  emulated = await emulatedRealm({
    connections: [
      nas,
      { ...nas, conn_id: "off", enabled: false },
      { ...nas, conn_id: "down", port: 1 },
    ],
    payloads: { "in.txt": "from S3" },
  });
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  await samba[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const run = (
  type: "smb_get" | "smb_put",
  parameters: DataMap,
  config: Partial<EmulatedRealm["realm"]["config"]> = {},
) =>
  runHandler(type === "smb_get" ? smb_get : smb_put, {
    payload: null,
    parameters: { conn_id: "nas", share_name: "data", ...parameters },
    realm: {
      ...emulated.realm,
      config: { ...emulated.realm.config, ...config },
      secrets: { ...emulated.realm.secrets, parameter: async () => samba.password },
    },
    env: process.env,
  });

describe("smb_put", () => {
  test("stores a file, names rendered, directories made when asked (JOB-smb_put-01)", async () => {
    writeFileSync(join(folder, "a.txt"), "content");
    const { result, error } = await run("smb_put", {
      path: "new/{{ vars.name }}.txt",
      file: "a.txt",
      basedir: folder,
      create_dirs: true,
      vars: { name: "b" },
    });

    expect(error).toBeUndefined();
    expect(result).toEqual({ exit_status: 0, source: "a.txt", destination: "data:new/b.txt" });
    expect(readFileSync(join(samba.shareFolder, "new/b.txt"), "utf8")).toBe("content");
  });

  test("works without a profile, and takes a path with colons (JOB-smb-03, CON-all-11)", async () => {
    writeFileSync(join(folder, "c.txt"), "colon");
    const { result } = await run("smb_put", {
      path: "plain/c.txt",
      file: "c.txt",
      basedir: folder,
      create_dirs: true,
    });
    const odd = await run("smb_get", { path: "a:b.txt", file: join(folder, "odd") });

    expect(result).toMatchObject({ exit_status: 0, destination: "data:plain/c.txt" });
    expect(odd.error).toMatchObject({ message: expect.not.stringContaining("Bad path") });
  });

  test("takes at most SMB_TIMEOUT, where the job does not say (JOB-smb_put-02)", async () => {
    writeFileSync(join(folder, "slow.txt"), "slow");
    const job = { path: "slow.txt", file: join(folder, "slow.txt") };
    const late = await run("smb_put", { ...job, timeout: "0.001s" });
    const later = await run("smb_put", job, { SMB_TIMEOUT: "0.002s" });

    expect(late.error).toMatchObject({
      message: expect.stringMatching(/^Timed out after 0.001 seconds/),
      data: { exit_status: 28 },
    });
    expect(later.error).toMatchObject({
      message: expect.stringMatching(/^Timed out after 0.002 seconds/),
    });
    expect((await run("smb_put", job)).result).toMatchObject({ exit_status: 0 });
  });

  test("takes an object of S3, and a path with a slash in front", async () => {
    const file = `${emulated.realm.record.s3_payloads}/in.txt`;
    const { result } = await run("smb_put", { path: "/from-s3.txt", file });

    expect(result).toMatchObject({ source: file, destination: "data:/from-s3.txt" });
    expect(readFileSync(join(samba.shareFolder, "from-s3.txt"), "utf8")).toBe("from S3");
  });

  test.each<[string, DataMap, string, string]>([
    ["a missing file", { file: "/none" }, "NO_SUCH_FILE", "No such file or directory: '/none'"],
    ["a missing directory", { path: "no/such/a" }, "NO_SUCH_FILE", "/data/no/such/a"],
    ["a share that refuses", { share_name: "readonly" }, "FILE_ACCESS_DENIED", "/readonly/x"],
    ["a share that is not there", { share_name: "zz" }, "NO_SUCH_FILE", "There is no such share"],
    ["a connection that is off", { conn_id: "off" }, "CONNECTION_DISABLED", "not enabled"],
    ["an unknown connection", { conn_id: "none" }, "NO_SUCH_CONNECTION", "none: No such"],
    ["a host that is down", { conn_id: "down" }, "CONNECTION_FAILED", "nobody listens there"],
  ])(
    "fails for %s, with what it came to (JOB-smb_get-03)",
    async (_name, fields, code, message) => {
      const { error } = await run("smb_put", { path: "x", file: join(folder, "a.txt"), ...fields });

      expect(error).toMatchObject({
        code,
        message: expect.stringContaining(message),
        data: { exit_status: 1, output: [{ exit_status: 1 }], error: expect.any(String) },
      });
    },
  );
});

describe("smb_get", () => {
  test("fetches a file to this machine; jinja false leaves names as they are (JOB-smb_get-01)", async () => {
    writeFileSync(join(samba.shareFolder, "{{x}}"), "odd");
    const { result } = await run("smb_get", {
      path: "{{x}}",
      file: join(folder, "got"),
      jinja: false,
    });

    expect(result).toEqual({
      exit_status: 0,
      source: "data:{{x}}",
      destination: join(folder, "got"),
    });
    expect(readFileSync(join(folder, "got"), "utf8")).toBe("odd");
  });

  test("fetches a file to S3 (JOB-smb_get-02)", async () => {
    writeFileSync(join(samba.shareFolder, "big"), "x".repeat(3_000_000));
    const { bucket, realm } = emulated;
    const { error } = await run("smb_get", { path: "big", file: `s3://${bucket}/out/big` });
    const { body } = await openS3Object(realm.clients, { bucket, key: "out/big" });

    expect(error).toBeUndefined();
    expect((await text(body)).length).toBe(3_000_000);
  });

  test("takes a path with a colon for what it is (JOB-smb-03)", async () => {
    const { error } = await run("smb_get", { path: "a:b", file: join(folder, "colon") });

    // No file of a share can have one; what is asked for is `data`, not a share `data:a`.
    expect(error).toMatchObject({ message: expect.stringContaining("/data/a:b") });
  });

  test("refuses a directory, and takes no longer than it may (JOB-smb-03, JOB-smb_put-02)", async () => {
    mkdirSync(join(samba.shareFolder, "dir"), { recursive: true });
    const { error } = await run("smb_get", { path: "dir", file: join(folder, "dir") });
    expect(error).toMatchObject({ message: "/data/dir: is a directory" });

    const late = await run("smb_get", {
      path: "big",
      file: join(folder, "late"),
      timeout: "0.001s",
    });
    expect(late.error).toMatchObject({
      message: expect.stringMatching(/^Timed out after 0.001 seconds/),
      data: { exit_status: 28 },
    });
  });

  test("takes SMB_TIMEOUT where the job names no time (JOB-smb_put-02)", async () => {
    const config = { ...emulated.realm.config, SMB_TIMEOUT: "0.001s" };
    const { error } = await run("smb_put", { path: "z", file: join(folder, "a.txt") }, config);

    expect(error).toMatchObject({
      code: "JOB_TIMEOUT",
      message: expect.stringMatching(/^Timed out after 0.001 seconds/),
      data: { exit_status: 28, output: [{ exit_status: 28 }] },
    });
  });
});
