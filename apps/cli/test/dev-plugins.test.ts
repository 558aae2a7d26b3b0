import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectDir } from "@lava/testing";
import { expect, test } from "vitest";

const run = promisify(execFile);
const main = join(import.meta.dirname, "../src/main.ts");
const FLAGS = ["--conditions=@lava/source", "--disable-warning=ExperimentalWarning", main];

const PLUGIN = `
import { word } from "./word.mjs";
const parameters = { safeParse: (data) => ({ success: true, data }) };
export const jobTypes = [{
  type: "greet",
  parameters,
  async run() { return { exit_status: 0, word }; },
}];
`;

const CONFIG =
  "realm: t\nprefix: { job: t, payload: t, s3trigger: t, rule: t, docker_repo: t }\ndocker: { base_img: img }\n";

test("workers of the dev realm have the project's plug-ins, and are started anew when one has changed; one that throws stops nothing that runs", async () => {
  await using files = await projectDir({
    "package.json": '{ "type": "module", "lava": { "plugins": ["./plugin.mjs"] } }',
    "plugin.mjs": PLUGIN,
    "word.mjs": 'export const word = "hello";\n',
    "config/dev.yaml": CONFIG,
    "lava-jobs/a.yaml":
      "job_id: t/a\ndescription: d\nowner: o\nenabled: true\nworker: core\ntype: greet\npayload: x\n",
  });
  const lava = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, LAVA_REALM: "", AWS_ENDPOINT_URL: "" };
    try {
      const { stdout } = await run(process.execPath, [...FLAGS, ...args], { cwd: files.path, env });
      return stdout;
    } catch (error) {
      return String(Object(error).stderr);
    }
  };
  const greeting = async (): Promise<unknown> => {
    const { log } = JSON.parse(await lava("run", "t/a", "--json")) as { log: { info: unknown }[] };
    return log.at(-1)?.info;
  };
  const pid = async (): Promise<unknown> =>
    (
      JSON.parse(await lava("dev", "status", "--json")) as { processes: { name: string }[] }
    ).processes.find(({ name }) => name === "worker-core");
  try {
    await lava("dev", "up");
    expect(await greeting()).toMatchObject({ word: "hello" });
    const first = await pid();
    await lava("dev", "up");
    expect(await pid()).toEqual(first);

    await writeFile(join(files.path, "word.mjs"), 'export const word = "good-bye";\n');
    await lava("dev", "up");
    expect(await greeting()).toMatchObject({ word: "good-bye" });

    await writeFile(
      join(files.path, "word.mjs"),
      'export const word = "";\nthrow new Error("no dictionary");\n',
    );
    expect(await lava("dev", "up")).toMatch(/failed while it was loaded from .*: no dictionary/);
    expect(await greeting()).toMatchObject({ word: "good-bye" });
  } finally {
    await lava("dev", "down");
  }
}, 60_000);
