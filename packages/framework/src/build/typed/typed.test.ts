import { describe, expect, expectTypeOf, test } from "vitest";
import { testProject } from "../../../test/test-project.ts";
import { defineJob } from "./define.ts";

const HELLO = `import { defineJob } from "@lava/framework";
import { worker } from "./_shared/worker.ts";

export default defineJob(({ config, env, realm }) => ({
  job_id: \`\${config.prefix.job}/hello\`,
  description: \`says hello to \${env} of \${realm?.realm ?? "nowhere"}\`,
  owner: process.env.OWNER ?? "nobody",
  enabled: true,
  worker,
  type: "cmd",
  payload: "echo {{ job.job_id }}",
  "x-lava-retry": undefined,
}));
`;
const WORKER = `export const worker: string = "core";\n`;
const PLAIN = `{ description: "d", owner: "o", enabled: true, worker: "core", type: "cmd", payload: "echo" }`;

describe("specs in TypeScript", () => {
  test("are built for each environment like the others", async () => {
    using files = testProject({
      "lava-jobs/a/hello.ts": HELLO.replace("./_shared", "../_shared"),
      "lava-jobs/_shared/worker.ts": WORKER,
      "lava-jobs/a/hello.test.ts": "throw new Error('a test is no spec');",
    });
    const record = { realm: "test" };

    const dev = await files.build("dev", { realmInfo: { record } }, { OWNER: "me" });
    const uat = await files.build("uat");

    expect(dev.items[0]).toMatchObject({
      kind: "job",
      id: "app/test/hello",
      source: "lava-jobs/a/hello.ts",
      output: "lava-jobs/a/hello.json",
      data: {
        description: "says hello to dev of test",
        owner: "me",
        payload: "echo {{ job.job_id }}",
        "x-lava-builder": expect.stringContaining("Lava Framework"),
      },
    });
    expect(Object.keys(dev.items[0]?.data ?? {})).not.toContain("x-lava-retry");
    expect(uat.items[0]?.data).toMatchObject({
      description: "says hello to uat of nowhere",
      owner: "nobody",
    });
  });

  test("may be several in a file, or none in an environment (FW-098, FW-121)", async () => {
    using files = testProject({
      "lava-jobs/many.mts": `export default [1, 2].map((n) => ({ ...${PLAIN}, job_id: \`app/test/j\${n}\` }));\n`,
      "lava-jobs/uat.ts": `export default ({ env }) => env === "uat" && { ...${PLAIN}, job_id: "app/test/uat" };\n`,
      "lava-connections/c.ts": `export default async () => ({ conn_id: "app/test/c", type: "sqlite3", host: "a.db", port: 0, enabled: true, description: "d", owner: "o" });\n`,
    });

    const dev = await files.build("dev");

    expect(dev.items.map(({ kind, id, output }) => [kind, id, output])).toEqual([
      ["connection", "app/test/c", "lava-connections/c.json"],
      ["job", "app/test/j1", "lava-jobs/many/0.json"],
      ["job", "app/test/j2", "lava-jobs/many/1.json"],
      ["job", undefined, "lava-jobs/uat.json"],
    ]);
    expect((await files.build("uat")).items.map(({ id }) => id)).toContain("app/test/uat");
    files.write("lava-jobs/many.mts", `export default [{ ...${PLAIN}, job_id: "app/test/j1" }];\n`);
    expect((await files.build("dev")).built).toEqual(["lava-jobs/many/0.json"]);
    expect(Object.keys(files.snapshot("dist/dev"))).not.toContain("lava-jobs/many/1.json");
  });

  test("are built anew when what they import, the config or a variable that they read changes", async () => {
    using files = testProject({
      "lava-jobs/hello.ts": HELLO,
      "lava-jobs/_shared/worker.ts": WORKER,
    });
    await files.build("dev", {}, { OWNER: "me", OTHER: "1" });

    expect((await files.build("dev", {}, { OWNER: "me", OTHER: "2" })).built).toEqual([]);
    expect((await files.build("dev", {}, { OWNER: "you" })).built).toHaveLength(1);
    files.write("lava-jobs/_shared/worker.ts", WORKER.replace("core", "other"));
    expect((await files.build("dev", {}, { OWNER: "you" })).items[0]?.data).toMatchObject({
      worker: "other",
    });
    files.write("config/dev.yaml", `${files.read("config/dev.yaml")}extra: 1\n`);
    expect((await files.build("dev", {}, { OWNER: "you" })).built).toHaveLength(1);
  });

  test("that are wrong are told with file and line, the others too", async () => {
    using files = testProject({
      "lava-jobs/a-syntax.ts": "const x: number = 1;\nexport default {\n  a: [ }\n",
      "lava-jobs/b-throws.ts":
        'import { fail } from "./_lib/fail.ts";\nexport default () => fail();\n',
      "lava-jobs/_lib/fail.ts":
        "export function fail(): never {\n  throw new Error('no such table');\n}\n",
      "lava-jobs/c-nothing.ts": "export const job = 1;\n",
      "lava-jobs/d-field.ts": `export default { ...${PLAIN}, job_id: "app/test/d",\n  dispacher: "x" };\n`,
      "lava-jobs/e-value.ts": `export default { ...${PLAIN}, job_id: "app/test/e", parameters: { f: () => 1 } };\n`,
      "lava-jobs/f-missing.ts": 'import "./nowhere.ts";\nexport default {};\n',
      "lava-jobs/g-exits.ts": "process.exit(3);\n",
    });

    const error: unknown = await files.build("dev").catch((reason: unknown) => reason);

    expect(error).toMatchObject({
      code: "BUILD_FAILED",
      issues: [
        { file: "lava-jobs/_lib/fail.ts", line: 2, message: "no such table" },
        { file: "lava-jobs/a-syntax.ts", line: 3, message: "SyntaxError: Expression expected" },
        { file: "lava-jobs/c-nothing.ts", message: "the file has no default export" },
        { file: "lava-jobs/d-field.ts", line: 2, path: ["dispacher"], suggestion: "dispatcher" },
        { file: "lava-jobs/e-value.ts", message: "parameters.f is a function, not plain data" },
        { file: "lava-jobs/f-missing.ts", message: expect.stringContaining("nowhere.ts") },
        { file: "lava-jobs/g-exits.ts", message: expect.stringContaining("has ended") },
      ],
    });
  });

  test("are typed: what is not in the schema is not taken", () => {
    const job = {
      job_id: "a",
      description: "d",
      owner: "o",
      enabled: true,
      worker: "core",
      type: "cmd",
      payload: "x",
    } as const;

    expectTypeOf(defineJob).toBeCallableWith(job);
    expectTypeOf(defineJob).toBeCallableWith([job, false]);
    expectTypeOf(defineJob).toBeCallableWith(({ env }) => (env === "dev" ? job : null));
    // @ts-expect-error: a type of job that there is not
    defineJob({ ...job, type: "cmdd" });
  });
});
