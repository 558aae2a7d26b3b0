import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { packPackages, projectDir } from "@lava/testing";
import { expect, test, vi } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");
const bin = (name: string): string => join(root, "node_modules/.bin", name);
/** The tree's own Node.js and pnpm come first, as `tools/run.mjs` has it. */
const env = {
  PATH: `${join(root, ".toolchain/node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
  HOME: process.env["HOME"],
};

const FOLDERS = [
  "packages/connectors",
  "packages/core",
  "packages/framework",
  "packages/lambdas",
  "packages/local-aws",
  "packages/realm",
  "packages/render",
  "packages/scheduler",
  "packages/spec",
  "packages/worker",
  "apps/worker",
  "apps/cli",
];

const HELLO = `import { defineJob } from "@lava/framework";

export default defineJob(({ config, env }) => ({
  job_id: \`\${config.prefix.job}/hello\`,
  description: env,
  owner: "o",
  enabled: true,
  worker: "core",
  type: "cmd",
  payload: "echo",
}));
`;

const TRIGGER = `trigger_id: app/first/landing
description: d
owner: o
enabled: true
bucket: landing
prefix: "*"
job_id: app/first/hello
`;

async function runsOf(lava: (...words: string[]) => Promise<string>): Promise<unknown[]> {
  return JSON.parse(await lava("runs", "--json"));
}

/** The framework as a library: what a program of the user's own would do. */
const PROGRAM = `import { buildProject, checkProject, openProject } from "@lava/framework";

const project = await openProject(process.cwd(), { environ: process.env });
const checked = await checkProject(project, { env: "uat" });
const { items, payloads } = await buildProject(project, { env: "uat" });
console.log(JSON.stringify({ ok: checked.ok, ids: items.map(({ id }) => id), payloads: payloads.map(({ name }) => name) }));
`;

test("a project of its own, with the packed packages as dependencies, builds, uses the framework as a library, and goes from lava new to a job, a deployment and back", async () => {
  await using files = await projectDir({
    "user/config/uat.yaml":
      "realm: uat\nprefix: { job: app/etl, payload: app/etl, s3trigger: app/etl, rule: lava.uat.etl, docker_repo: lava/uat/etl }\ndocker: { base_img: img }\n",
    "user/lava-jobs/hello.ts": HELLO,
    "user/lava-payloads/x.sql": "select '<{ env }>';\n",
    "user/build.mjs": PROGRAM,
    "user/tsconfig.json":
      '{ "compilerOptions": { "module": "nodenext", "target": "es2024", "strict": true, "noEmit": true, "skipLibCheck": true, "types": [] }, "include": ["lava-jobs"] }',
    "user/package.json":
      '{ "name": "etl", "private": true, "type": "module", "dependencies": { "@lava/cli": "9.0.0", "@lava/framework": "9.0.0" } }',
  });
  const target = files.file("packed");
  const packed = await packPackages({ root, name: "@lava/cli", folders: FOLDERS, target, env });
  const overrides = [...packed].map(([name, file]) => `  "${name}": "file:${file}"\n`);
  await files.write({
    "user/pnpm-workspace.yaml": `packages: []\nallowBuilds: { cpu-features: false, protobufjs: false, ssh2: false }\noverrides:\n${overrides.join("")}`,
  });
  const user = { cwd: files.file("user"), env };
  await run("pnpm", ["install", "--prefer-offline"], user);

  const built = await run("pnpm", ["lava", "build", "--env", "uat"], user);
  const library = await run("node", ["build.mjs"], user);

  expect(built.stdout).toContain("dist/uat: 2 built, 0 unchanged");
  expect(JSON.parse(library.stdout)).toEqual({
    ok: true,
    ids: ["app/etl/hello"],
    payloads: ["x.sql"],
  });
  await run(bin("tsc"), [], user);
  await files.write({ "user/lava-jobs/hello.ts": HELLO.replace('"cmd"', '"cmdd"') });
  await expect(run(bin("tsc"), [], user)).rejects.toMatchObject({
    stdout: expect.stringContaining("cmdd"),
  });

  // From nothing to a job that runs, a change that is deployed, and back.
  const program = files.file("user/node_modules/.bin/lava");
  const answers = ["realm=first", "owner=me", "description=d"].flatMap((word) => ["-p", word]);
  await run(program, ["new", "first", "--no-input", ...answers], user);
  const lava = async (...words: string[]): Promise<string> =>
    (await run(program, words, { cwd: files.file("user/first"), env })).stdout;
  await lava("check");
  await lava("dev", "up");
  try {
    expect(await lava("run", "app/first/hello")).toMatch(/^Hello from app\/first\/hello /);
    await files.write({ "user/first/lava-payloads/hello.sh": "#!/bin/sh\necho changed\n" });
    expect(await lava("plan", "--dev")).toContain("0 to create, 1 to update, 0 to delete");
    await lava("deploy", "--dev");
    expect(await lava("run", "app/first/hello")).toBe("changed\n");
    await lava("rollback", "--dev");
    expect(await lava("run", "app/first/hello")).toMatch(/^Hello from /);
    expect(JSON.parse(await lava("history", "--dev", "--json"))).toHaveLength(3);

    // An object runs a job: the functions come with the command.
    await files.write({ "user/first/lava-triggers/landing.yaml": TRIGGER });
    await lava("deploy", "--dev");
    const before = (await runsOf(lava)).length;
    const realm = JSON.parse(await readFile(files.file("user/first/.lava-dev/realm.json"), "utf8"));
    const { endpoint, region, accessKeyId, secretAccessKey } = realm;
    const credentials = { accessKeyId, secretAccessKey };
    const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: "landing", Key: "a.csv", Body: "x" }));
    s3.destroy();
    await vi.waitUntil(async () => (await runsOf(lava)).length > before, { timeout: 10_000 });
  } finally {
    await lava("dev", "reset");
  }
}, 180_000);
