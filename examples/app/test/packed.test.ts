import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { packPackages, projectDir } from "@lava/testing";
import { expect, test } from "vitest";
import { cityRealm } from "./city-realm.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");
/** Of this process, as npm's own settings (a registry, a proxy, its certificates) may be in it. */
const env = {
  ...process.env,
  PATH: `${join(root, ".toolchain/node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
};

const FOLDERS = ["connectors", "core", "realm", "render", "spec"].map((name) => `packages/${name}`);

const NPM = ["--prefer-offline", "--no-audit", "--no-fund", "--fetch-timeout=30000"];

/** What a program of the user's own gets wrong, and tsc finds. */
const WRONG = `import { connect } from "@lava/connectors";
await using db = await connect("app/cities", { realm: "prod", type: "postgres" });
await db.send({ subject: "a database sends no mail" });
`;

test("npm installs @lava/connectors into a project of its own, where the app is checked by tsc, tells which driver it lacks, and runs", async () => {
  await using setup = await cityRealm();
  const source = (name: string) => readFile(join(import.meta.dirname, "..", name));
  await using files = await projectDir({
    "app/report.ts": await source("report.ts"),
    "app/main.ts": await source("main.ts"),
    "app/wrong.ts": WRONG,
    "app/package.json": '{ "name": "app", "private": true, "type": "module" }',
    "app/tsconfig.json":
      '{ "compilerOptions": { "module": "nodenext", "target": "es2024", "lib": ["es2024", "esnext.disposable"], "strict": true, "exactOptionalPropertyTypes": true, "noUncheckedIndexedAccess": true, "noEmit": true, "allowImportingTsExtensions": true, "skipLibCheck": true, "types": ["node"] }, "files": ["main.ts"] }',
  });
  const target = files.file("packed");
  const packed = await packPackages({
    root,
    name: "@lava/connectors",
    folders: FOLDERS,
    target,
    env,
  });
  const user = { cwd: files.file("app"), env };
  const install = (...names: string[]) => run("npm", ["install", ...NPM, ...names], user);
  const app = () =>
    run("node", ["main.ts", setup.bucket, "boss@example.org"], {
      ...user,
      env: { ...setup.env, PATH: env.PATH },
    });

  await install(...packed.values(), "@aws-sdk/client-s3", "zod", "@types/node@24");

  const tsc = join(root, "node_modules/.bin/tsc");
  await run(tsc, [], user);
  await expect(
    run(tsc, ["--ignoreConfig", "--module", "nodenext", "wrong.ts"], user),
  ).rejects.toMatchObject({
    stdout: expect.stringMatching(/wrong\.ts\(3,\d+\): error TS2339: Property 'send'/),
  });
  await expect(app()).rejects.toMatchObject({
    stderr: expect.stringContaining("npm install pg pg-copy-streams"),
  });

  await install("pg", "pg-copy-streams");
  const { stdout } = await app();

  expect(await setup.object(stdout.trim())).toContain("Bonn,331885");
  expect(setup.mails.at(-1)?.raw).toContain("Subject: The largest city is Bonn");
}, 240_000);
