import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { openS3Object } from "@lava/connectors";
import {
  emulatedRealm,
  type EmulatedRealm,
  type SharePointDouble,
  startSharePointDouble,
} from "@lava/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { resolveAlias } from "../src/aliases.ts";
import { type CliResult, runCli } from "./cli.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-cli-sharepoint-"));
let double: SharePointDouble;
let emulated: EmulatedRealm;
beforeAll(async () => {
  double = await startSharePointDouble();
  emulated = await emulatedRealm({
    connections: [
      {
        conn_id: "sp",
        type: "sharepoint",
        org_base_url: "x.sharepoint.example",
        site_name: "data",
        tenant: "x.org",
        client_id: "app",
        client_secret: "/lava/sp/secret",
        login_url: double.loginUrl,
        graph_url: double.graphUrl,
      },
    ],
    payloads: { "in.txt": "from S3" },
  });
  const ssm = await emulated.aws.clients.ssm();
  const secret = { Name: "/lava/sp/secret", Value: double.clientSecret };
  await ssm.send(new PutParameterCommand({ ...secret, Type: "SecureString" }));
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  await double[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(folder, "cwd-"));
});

async function sharepoint(...words: string[]): Promise<CliResult> {
  const alias = resolveAlias("lava-sharepoint", ["-c", "sp", ...words]);
  const env = { ...emulated.environment, LAVA_JOB_ID: "app/job", LAVA_RUN_ID: "run-1" };
  return await runCli(alias?.argv ?? [], { env, cwd });
}

const write = (name: string, content: string): void => writeFileSync(join(cwd, name), content);
const read = (name: string): string => readFileSync(join(cwd, name), "utf8");

async function done(...words: string[]): Promise<void> {
  expect(await sharepoint(...words)).toMatchObject({ status: 0, stderr: "" });
}

describe("documents", () => {
  test("are stored with a title and fetched, by the short names as well (CLI-138, CLI-140)", async () => {
    write("a.txt", "content");

    await done("put-doc", "-t", "A title", "a.txt", "Documents:/one.txt");
    await done("pd", "a.txt", "Documents:/two.txt");
    await done("get-doc", "Documents:/one.txt", "one");
    await done("gd", "Documents:/two.txt", "two");

    expect([read("one"), read("two")]).toEqual(["content", "content"]);
    expect(double.calls.filter((call) => /^PATCH .*listitem\/fields$/.test(call))).toHaveLength(1);
  });

  test("come from S3 and go there, with a KMS key when one is named (CLI-140, CLI-144)", async () => {
    const { bucket, realm } = emulated;

    await done("put-doc", `${realm.record.s3_payloads}/in.txt`, "Documents:/s3.txt");
    await done("get-doc", "-k", "alias/data", "Documents:/s3.txt", `s3://${bucket}/out.txt`);

    const object = { bucket, key: "out.txt" };
    expect(await text((await openS3Object(realm.clients, object)).body)).toBe("from S3");
    const s3 = await realm.clients.s3();
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: "out.txt" }));
    expect(head).toMatchObject({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: "alias/data" });
  });

  test("of a folder are fetched by a glob in any case (CLI-142)", async () => {
    write("x", "x");
    mkdirSync(join(cwd, "out"));
    for (const name of ["Glob-1.CSV", "glob-2.csv", "glob-3.txt"]) {
      await done("put-doc", "x", `Documents:${name}`);
    }

    await done("get-multi-doc", "Documents:/", "out", "GLOB-*.csv");
    await done("gmd", "-k", "alias/data", "Documents:/", `s3://${emulated.bucket}/p-`, "glob-3*");

    expect(readdirSync(join(cwd, "out"))).toEqual(["Glob-1.CSV", "glob-2.csv"]);
    const key = { bucket: emulated.bucket, key: "p-glob-3.txt" };
    expect(await text((await openS3Object(emulated.realm.clients, key)).body)).toBe("x");
    expect(await sharepoint("gmd", "Documents:/none", "out")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("/Documents/none does not exist"),
    });
  });

  test.each([["Documents"], ["a:b:c"], [":/x"]])(
    "have one colon in their place, which %s has not (CLI-143)",
    async (place) => {
      expect(await sharepoint("get-doc", place, "x")).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("Bad path - must be in the form library:path"),
      });
    },
  );

  test("have names that are rendered with job and run, unless told not to (CLI-143, CLI-144)", async () => {
    write("app", "by job");

    await done("put-doc", "{{ job.job_id.split('/')[0] }}", "Documents:{{ job.run_id }}.txt");
    await done("get-doc", "Documents:/run-1.txt", "got");
    const plain = await sharepoint("-J", "get-doc", "Documents:/{{ job.run_id }}.txt", "none");

    expect(read("got")).toBe("by job");
    expect(plain).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("/Documents/{{ job.run_id }}.txt"),
    });
  });

  test("that break off leave no file, and no temporary folder (CLI-137)", async () => {
    write("big", "x".repeat(500_000));
    await done("put-doc", "big", "Documents:/big");
    write("kept", "what was there");
    double.script({ call: /GET \/download/, answer: "half" });

    const broken = await sharepoint("--tmpdir", "tmp", "get-doc", "Documents:/big", "kept");

    expect(broken.status).toBe(1);
    expect(read("kept")).toBe("what was there");
    expect(readdirSync(cwd).sort()).toEqual(["big", "kept"]);
    mkdirSync(join(cwd, "tmp"));
    const taken = await sharepoint("--tmpdir", "tmp", "get-doc", "Documents:/big", "new");
    expect(taken.status).not.toBe(0);
    expect(existsSync(join(cwd, "new"))).toBe(false);
  });
});

describe("lists", () => {
  const titles = (): unknown[] => [...double.rows.values()].map(({ Title }) => Title);

  test("take rows, in the place of others when told to (CLI-139)", async () => {
    write("a.csv", "Title|Active\r\none|yes\r\ntwo|no\r\n");
    write("b.csv", "Title\r\nthree\r\n");

    await done("put-list", "a.csv", "People");
    await done("pl", "b.csv", "People");
    expect(titles()).toEqual(["one", "two", "three"]);
    await done("pl", "--replace", "a.csv", "People");
    expect(titles()).toEqual(["one", "two"]);
  });

  test("are written as CSV, as the options say, else as SP_LIST_* do (CLI-141)", async () => {
    await done("get-list", "People", "plain.csv");
    await done("gl", "-H", "--delimiter", ",", "--quoting", "all", "People", "all.csv");
    const words = ["--quote-char", "'", "--double-quote", "--escape-char", "!"];
    await done("gl", ...words, "-k", "alias/data", "People", `s3://${emulated.bucket}/list.csv`);

    expect(read("plain.csv")).toBe(
      "Title|Size|Active|Boss|BossLookupId\r\none||True||\r\ntwo||False||\r\n",
    );
    expect(read("all.csv")).toBe('"one","","True","",""\r\n"two","","False","",""\r\n');
    const object = { bucket: emulated.bucket, key: "list.csv" };
    const { body } = await openS3Object(emulated.realm.clients, object);
    expect(await text(body)).toBe(read("plain.csv"));
  });

  test.each([
    [["get-list", "None", "x"], 'Unable to find SharePoint list "None"'],
    [["get-list", "--quoting", "odd", "People", "x"], "Bad quoting atyle: ODD"],
    [["put-list", "missing.csv", "People"], "missing.csv"],
    [["put-list", "bad.csv", "People"], "Missing required column: {'title'}"],
  ])("refuse %o", async (words, message) => {
    write("bad.csv", "Size\r\n1\r\n");

    expect(await sharepoint(...words)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(message),
    });
    expect(existsSync(join(cwd, "x"))).toBe(false);
  });
});
