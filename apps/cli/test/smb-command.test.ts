import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { openS3Object } from "@lava/connectors";
import { emulatedRealm, type EmulatedRealm, startSamba, type TestSamba } from "@lava/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { resolveAlias } from "../src/aliases.ts";
import { type CliResult, runCli } from "./cli.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-cli-smb-"));
let samba: TestSamba;
let emulated: EmulatedRealm;
beforeAll(async () => {
  samba = await startSamba(process.env);
  const { host, port, user } = samba;
  const nas = { conn_id: "nas", type: "smb", host, port, user, remote_name: "H", password: "/pw" };
  emulated = await emulatedRealm({ connections: [nas], payloads: { "in.txt": "from S3" } });
  const ssm = await emulated.aws.clients.ssm();
  const secret = { Name: "/pw", Value: samba.password };
  await ssm.send(new PutParameterCommand({ ...secret, Type: "SecureString" }));
}, 60_000);
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  await samba[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(folder, "cwd-"));
});

async function smb(...words: string[]): Promise<CliResult> {
  const alias = resolveAlias("lava-smb", ["-c", "nas", ...words]);
  const { PATH } = process.env;
  const env = { PATH, ...emulated.environment, LAVA_JOB_ID: "app/job", LAVA_RUN_ID: "run-1" };
  return await runCli(alias?.argv ?? [], { env, cwd });
}

async function done(...words: string[]): Promise<void> {
  expect(await smb(...words)).toMatchObject({ status: 0, stderr: "" });
}

const shared = (name: string): string => readFileSync(join(samba.shareFolder, name), "utf8");

test("stores a file, with its directories when told to, and fetches it (CLI-149 to 152)", async () => {
  writeFileSync(join(cwd, "a.txt"), "content");

  expect((await smb("put", "a.txt", "data:new/dir/b.txt")).status).toBe(1);
  await done("put", "-m", "a.txt", "data:new/dir/b.txt");
  await done("put", "--mkdir", "a.txt", "data:/new/dir/c.txt");
  await done("get", "data:new/dir/b.txt", "back");

  expect(shared("new/dir/c.txt")).toBe("content");
  expect(readFileSync(join(cwd, "back"), "utf8")).toBe("content");
});

test("takes objects of S3 and makes them, with a KMS key when one is named (CLI-151, CLI-152)", async () => {
  const { bucket, realm } = emulated;

  await done("--tmpdir", "tmp", "put", `${realm.record.s3_payloads}/in.txt`, "data:s3.txt");
  await done("get", "-k", "alias/data", "data:s3.txt", `s3://${bucket}/out.txt`);

  expect(shared("s3.txt")).toBe("from S3");
  const object = { bucket, key: "out.txt" };
  expect(await text((await openS3Object(realm.clients, object)).body)).toBe("from S3");
  const s3 = await realm.clients.s3();
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: "out.txt" }));
  expect(head).toMatchObject({ ServerSideEncryption: "aws:kms" });
  expect(readdirSync(cwd)).toEqual([]);
});

test("splits at the first colon; renders both names, unless told not to (CLI-154, JOB-smb-03)", async () => {
  writeFileSync(join(cwd, "app"), "by job");
  const name = "{{ job.run_id }}.txt";

  await done("put", "{{ job.job_id.split('/')[0] }}", `data:${name}`);
  await done("-J", "put", "app", `data:${name}`);

  expect(shared("run-1.txt")).toBe("by job");
  expect(shared(name)).toBe("by job");
});

test.each([
  ["share/path", "Bad path - must be in the form share:path"],
  [":path", "Bad path - must be in the form share:path"],
  ["data:folder", "/data/folder: is a directory"],
  ["data:none", "/data/none"],
  ["closed:x", "/closed/x"],
  ["nowhere:x", "There is no such share"],
])(
  "says why %s cannot be fetched, and makes no file (CLI-151, CLI-153)",
  async (place, message) => {
    mkdirSync(join(samba.shareFolder, "folder"), { recursive: true });

    expect(await smb("get", place, "x")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(message),
    });
    expect(readdirSync(cwd)).toEqual([]);
  },
);
