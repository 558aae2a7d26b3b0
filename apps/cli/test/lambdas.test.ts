import { cp, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListVersionsByFunctionCommand,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { emulatedRealm, projectDir } from "@lava/testing";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { lambdaBundles } from "../../../packages/lambdas/bundles.ts";
import { OWN_FUNCTIONS } from "../src/functions/own-functions.ts";
import { runCli } from "./cli.ts";

const lambdas = join(import.meta.dirname, "../../../packages/lambdas");
let files: Awaited<ReturnType<typeof projectDir>>;

beforeAll(async () => {
  files = await projectDir({});
  await build({
    ...lambdaBundles(lambdas),
    outDir: files.file("bundles"),
    config: false,
    silent: true,
  });
  // The same but for a remark: code that was built anew.
  await cp(files.file("bundles"), files.file("newer"), { recursive: true });
  for (const name of OWN_FUNCTIONS) {
    const file = files.file(`newer/${name}.mjs`);
    // oxlint-disable-next-line no-await-in-loop -- four
    await writeFile(file, `// newer\n${await readFile(file, "utf8")}`);
  }
}, 60_000);
afterAll(() => files[Symbol.asyncDispose]());

/** A realm whose functions are those of somebody before us. */
async function open(
  functions: readonly string[] = OWN_FUNCTIONS,
  variables?: Readonly<Record<string, string>>,
) {
  const emulated = await emulatedRealm({ jobs: [{ job_id: "a" }] });
  const { realm, aws } = emulated;
  const [lambda, s3] = await Promise.all([aws.clients.lambda(), aws.clients.s3()]);
  await s3.send(new CreateBucketCommand({ Bucket: "code" }));
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from('export const handler = async () => "old";'), "old.mjs");
  zip.end();
  const code = await buffer(zip.outputStream);
  for (const name of functions) {
    // oxlint-disable-next-line no-await-in-loop -- four
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: `lava-${realm.name}-${name}`,
        Runtime: "nodejs22.x",
        Handler: "old.handler",
        Role: "arn:aws:iam::123456789012:role/x",
        Code: { ZipFile: code },
        Environment: { Variables: variables ?? { LAVA_REALM: realm.name } },
      }),
    );
  }
  const name = (own: string): string => `lava-${realm.name}-${own}`;
  return {
    emulated,
    lambda,
    name,
    run: async (...words: string[]) =>
      await runCli(["lambdas", ...words, "--realm", realm.name], {
        cwd: files.file("."),
        env: emulated.environment,
      }),
    async invoke(own: string, Qualifier?: string): Promise<unknown> {
      const { Payload } = await lambda.send(
        new InvokeCommand({
          FunctionName: name(own),
          Payload: JSON.stringify({ job_id: "a" }),
          ...(Qualifier === undefined ? {} : { Qualifier }),
        }),
      );
      return JSON.parse(Buffer.from(Payload ?? []).toString());
    },
    async keys(): Promise<string[]> {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "code" }));
      return Contents.map(({ Key = "" }) => Key);
    },
    [Symbol.asyncDispose]: () => emulated[Symbol.asyncDispose](),
  };
}

const ran = { dispatched: [{ job_id: "a", run_id: expect.any(String) }], errors: [] };

describe("lava lambdas build", () => {
  test("packs each function, under 1 MB, the same bytes each time (LAM-001, OPS-011)", async () => {
    const options = { cwd: files.file("."), env: {} };
    const from = ["--bundles", "bundles"];

    const one = await runCli(["lambdas", "build", ...from, "--json"], options);
    const two = await runCli(["lambdas", "build", ...from, "-o", "again"], options);

    const rows: Record<string, unknown>[] = JSON.parse(one.stdout);
    expect(rows.map((row) => row["function"])).toEqual([
      "dispatch",
      "s3trigger",
      "metrics",
      "stop",
    ]);
    for (const row of rows) {
      expect(Number(row["bundle_bytes"])).toBeLessThan(1_000_000);
      const file = `${String(row["function"])}-9.0.0.zip`;
      expect(row["file"]).toBe(files.file(`dist/lambda/${file}`));
      // oxlint-disable-next-line no-await-in-loop -- four
      const again = await readFile(files.file(`again/${file}`));
      // oxlint-disable-next-line no-await-in-loop -- four
      expect(again.equals(await readFile(files.file(`dist/lambda/${file}`)))).toBe(true);
      expect(again.includes(`${String(row["function"])}.mjs.map`)).toBe(true);
    }
    expect(two.stdout).toMatch(/^FUNCTION +KB +SHA-256 +FILE\ndispatch +\d+ +[\da-f]{16} +again\//);
    expect((await stat(files.file("again"))).isDirectory()).toBe(true);
  });

  test.each([
    [["nope"], "NO_SUCH_FUNCTION", 2],
    [["--bundles", "nowhere"], "NOT_BUILT", 1],
  ])("%j cannot be packed", async (words, code, status) => {
    const result = await runCli(["lambdas", "build", ...words, "--json"], {
      cwd: files.file("."),
    });

    expect([result.status, JSON.parse(result.stdout || result.stderr)]).toMatchObject([
      status,
      { error: { code } },
    ]);
  });
});

describe("lava lambdas deploy", () => {
  const code = ["--code", "s3://code/site/"];

  test("uploads, updates, publishes and moves the alias, and the functions run (OPS-043)", async () => {
    await using at = await open();

    const dry = await at.run("deploy", ...code, "--bundles", "bundles", "--dry-run", "--json");
    expect(JSON.parse(dry.stdout)).toMatchObject({ dry_run: true, alias: "live" });
    expect([dry.status, await at.keys(), await at.invoke("dispatch")]).toEqual([0, [], "old"]);

    const result = await at.run("deploy", ...code, "--bundles", "bundles");

    expect(result).toMatchObject({ status: 0, stderr: "" });
    expect(result.stdout).toMatch(/lava-\w+-dispatch +deployed +2 +1 +s3:\/\/code\/site\/_dist_/);
    expect(await at.keys()).toEqual(
      expect.arrayContaining([
        "site/_dist_/lambda/dispatch-9.0.0.zip",
        "site/_dist_/lambda/s3trigger-9.0.0.zip",
        "site/_dist_/lambda/metrics-9.0.0.zip",
        "site/_dist_/lambda/stop-9.0.0.zip",
      ]),
    );
    expect(await at.invoke("dispatch", "live")).toEqual(ran);
    expect(await at.invoke("dispatch")).toEqual(ran);
    expect(await at.invoke("dispatch", "1")).toBe("old");
    const settings = await at.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: at.name("metrics"), Qualifier: "live" }),
    );
    expect(settings).toMatchObject({ Runtime: "nodejs24.x", Handler: "metrics.handler" });

    const again = await at.run("deploy", ...code, "--bundles", "bundles", "--json");
    const outcomes: { outcome: string }[] = JSON.parse(again.stdout).functions;
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(4).fill("unchanged"));
  });

  test("--rollback brings back the version before, for callers without the alias too", async () => {
    await using at = await open(["dispatch"]);
    const one = ["deploy", "dispatch", "--json"];
    await at.run(...one, ...code, "--bundles", "bundles");
    const before = await at.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: at.name("dispatch") }),
    );
    await at.run(...one, ...code, "--bundles", "newer");

    const back = await at.run(...one, "--rollback");

    expect(JSON.parse(back.stdout).functions).toEqual([
      expect.objectContaining({ outcome: "restored", version: "2", previous: "3" }),
    ]);
    const latest = await at.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: at.name("dispatch") }),
    );
    expect(latest.CodeSha256).toBe(before.CodeSha256);
    expect(await at.invoke("dispatch", "live")).toEqual(ran);
    const { Versions = [] } = await at.lambda.send(
      new ListVersionsByFunctionCommand({ FunctionName: at.name("dispatch") }),
    );
    expect(Versions.map(({ Version }) => Version)).toEqual(["$LATEST", "1", "2", "3"]);

    const twice = await at.run(...one, "--rollback");
    expect([twice.status, JSON.parse(twice.stdout || twice.stderr)]).toMatchObject([
      1,
      { error: { code: "NOTHING_TO_ROLL_BACK" } },
    ]);
  });

  test("--rollback of the first deployment brings back what was there before us, code, runtime and handler", async () => {
    await using at = await open(["dispatch", "stop"]);
    const one = ["deploy", "dispatch", "stop", "--json"];
    const settings = async (Qualifier?: string) =>
      await at.lambda.send(
        new GetFunctionConfigurationCommand({ FunctionName: at.name("dispatch"), Qualifier }),
      );
    const before = await settings();
    expect((await at.run(...one, ...code, "--bundles", "bundles")).status).toBe(0);
    expect(await at.invoke("dispatch", "live")).toEqual(ran);
    expect((await settings()).CodeSha256).not.toBe(before.CodeSha256);

    const dry = await at.run(...one, "--rollback", "--dry-run");
    expect(JSON.parse(dry.stdout).functions).toMatchObject([
      { outcome: "restored", version: "1", previous: "2" },
      { outcome: "restored", version: "1", previous: "2" },
    ]);
    expect(await at.invoke("dispatch", "live")).toEqual(ran);
    const back = await at.run(...one, "--rollback");

    expect([back.status, JSON.parse(back.stdout).functions]).toMatchObject([
      0,
      [
        { outcome: "restored", version: "1" },
        { outcome: "restored", version: "1" },
      ],
    ]);
    for (const qualifier of [undefined, "live"]) {
      // oxlint-disable-next-line no-await-in-loop -- two
      expect(await settings(qualifier)).toMatchObject({
        CodeSha256: before.CodeSha256,
        Runtime: "nodejs22.x",
        Handler: "old.handler",
      });
      // oxlint-disable-next-line no-await-in-loop -- two
      expect(await at.invoke("dispatch", qualifier)).toBe("old");
    }
    // Forward again: the version that was live is there still.
    expect((await at.run(...one, ...code, "--bundles", "bundles")).status).toBe(0);
    expect(await at.invoke("dispatch", "live")).toEqual(ran);
  });

  test("a version that cannot be loaded does not go live", async () => {
    await using at = await open(["dispatch", "stop"], { LOGLEVEL: "info" });

    const result = await at.run("deploy", "dispatch", ...code, "--bundles", "bundles", "--json");

    expect([result.status, JSON.parse(result.stdout)]).toMatchObject([
      1,
      { error: { code: "FUNCTION_BROKEN", message: expect.stringContaining("LAVA_REALM") } },
    ]);
    const back = await at.run("deploy", "dispatch", "--rollback");
    expect(back.stderr).toContain("NOTHING_TO_ROLL_BACK");
    expect((await at.run("deploy", "stop", ...code, "--bundles", "bundles")).status).toBe(1);
  });

  test("a function that is not there is told, and the others are deployed", async () => {
    await using at = await open(["dispatch"]);

    const result = await at.run("deploy", ...code, "--bundles", "bundles");

    expect(result.status).toBe(1);
    expect(result.stdout).toMatch(/dispatch +deployed/);
    expect(result.stdout).toMatch(/metrics +missing/);
    expect(result.stderr).toContain("the realm's stack makes the functions");
    expect(await at.invoke("dispatch")).toEqual(ran);
  });

  test("takes the place from deploy.yaml, of the account that it names and no other (OPS-032, OPS-033)", async () => {
    await using at = await open(["dispatch"]);
    const file = (account: string): string =>
      `demo:\n  _: { s3base: code/base }\n  account_id: "${account}"\n  lambda: { s3: "lava/_dist_/lambda/v\${version}/" }\n`;
    const words = ["deploy", "dispatch", "--bundles", "bundles", "-e", "demo", "--json"];

    await files.write({ "deploy.yaml": file("999999999999") });
    const wrong = await at.run(...words);
    expect(JSON.parse(wrong.stdout || wrong.stderr)).toMatchObject({
      error: { code: "WRONG_ACCOUNT" },
    });
    expect(await at.keys()).toEqual([]);

    const { callerIdentity } = await import("@lava/realm");
    const { account } = await callerIdentity(at.emulated.aws.clients);
    await files.write({ "other.yaml": file(account) });
    const right = await at.run(...words, "-f", "other.yaml");
    expect(right.status).toBe(0);
    expect(await at.keys()).toContain("base/lava/_dist_/lambda/v9.0.0/dispatch-9.0.0.zip");
  });

  test.each([
    [[], {}, "NO_CODE_PLACE"],
    [["--code", "bucket"], {}, "BAD_OPTIONS"],
    [["-f", "none.yaml"], {}, "BAD_DEPLOY_FILE"],
    [["-f", "d.yaml"], { "d.yaml": "demo: {}" }, "BAD_DEPLOY_FILE"],
    [["-f", "d.yaml", "-e", "demo"], { "d.yaml": "demo: {}" }, "BAD_DEPLOY_FILE"],
    [
      ["-f", "d.yaml", "-e", "demo"],
      { "d.yaml": "demo: { account_id: 1, lambda: { s3: x } }" },
      "BAD_DEPLOY_FILE",
    ],
    [
      ["-f", "d.yaml", "-e", "demo"],
      { "d.yaml": "demo: { account_id: '1', lambda: { s3: x } }" },
      "BAD_DEPLOY_FILE",
    ],
    [["-f", "d.yaml", "-e", "demo"], { "d.yaml": "demo: [" }, "BAD_DEPLOY_FILE"],
  ])("%j says what is missing", async (words, texts, error) => {
    await using folder = await projectDir(texts);
    const env = { AWS_REGION: "x", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "s" };

    const result = await runCli(["lambdas", "deploy", "-r", "t", ...words, "--json"], {
      cwd: folder.file("."),
      env,
    });

    expect(JSON.parse(result.stdout || result.stderr)).toMatchObject({ error: { code: error } });
  });
});
