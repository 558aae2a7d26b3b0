import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMap } from "@lava/core";
import { readYaml } from "@lava/framework";
import { emulatedRealm, type EmulatedRealm } from "@lava/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { runCli } from "./cli.ts";

const examples = join(import.meta.dirname, "../../../examples/ci");
let emulated: EmulatedRealm;
let folder: string;
let project: string;

beforeEach(async () => {
  emulated = await emulatedRealm();
  folder = mkdtempSync(join(tmpdir(), "lava-ci-"));
  project = join(folder, "p");
  const given = [
    "realm",
    emulated.realm.name,
    "owner",
    "me",
    "description",
    "d",
    "environment",
    "uat",
  ];
  const words = given.flatMap((word, at) =>
    at % 2 === 0 ? ["-p", `${word}=${given[at + 1] ?? ""}`] : [],
  );
  await runCli(["new", "p", "--no-input", ...words], { cwd: folder });
  mkdirSync(join(folder, "bin"));
  const main = join(import.meta.dirname, "../src/main.ts");
  const lava = join(folder, "bin/lava");
  writeFileSync(
    lava,
    `#!/bin/sh\nexec "${process.execPath}" --conditions=@lava/source --disable-warning=ExperimentalWarning "${main}" "$@"\n`,
  );
  chmodSync(lava, 0o755);
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await emulated[Symbol.asyncDispose]();
});

/** Runs a command as a runner does; the realm is served by this process meanwhile. */
async function shell(command: string, env: Record<string, string> = {}): Promise<number> {
  const child = spawn("sh", ["-e", "-c", command], {
    cwd: project,
    stdio: "ignore",
    env: {
      ...emulated.environment,
      PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
      HOME: folder,
      LAVA_ENV: "uat",
      ...env,
    },
  });
  const [status] = await once(child, "exit");
  return Number(status);
}

const deployed = async (): Promise<boolean> =>
  (await emulated.realm.jobs.getItem("app/p/hello")) !== undefined;

function commandsOf(file: string): { plan: string; deploy: string } {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === "string" && value.startsWith("lava ci ")) found.push(value);
    else if (Array.isArray(value) || isMap(value))
      for (const item of Object.values(value)) walk(item);
  };
  walk(readYaml(readFileSync(join(examples, file), "utf8")).data);
  expect(found).toHaveLength(2);
  const [plan = "", deploy = ""] = found;
  return { plan, deploy };
}

describe.each(["github.yml", "gitlab.yml"])("the commands of %s", (file) => {
  test("plan a change, deploy it, and fail where the project does", async () => {
    const { plan, deploy } = commandsOf(file);
    const summary = join(folder, "summary.md");
    const env: Record<string, string> =
      file === "github.yml" ? { GITHUB_STEP_SUMMARY: summary, GITHUB_ACTIONS: "true" } : {};

    expect(await shell(plan, env)).toBe(0);
    expect(await deployed()).toBe(false);
    expect(await shell(deploy, env)).toBe(0);
    expect(await deployed()).toBe(true);
    for (const name of plan.match(/\S+\.(?:xml|sarif|md)\b/g) ?? [])
      expect(existsSync(join(project, name))).toBe(true);
    if (file === "github.yml") expect(readFileSync(summary, "utf8")).toContain("app/p/hello");

    writeFileSync(join(project, "lava-jobs/bad.yaml"), "job_id: x\n");
    expect(await shell(plan, env)).toBe(1);
  });
});

const actionFile = z.object({
  inputs: z.record(z.string(), z.object({ default: z.string().optional() })),
  runs: z.object({
    using: z.literal("composite"),
    steps: z.tuple([z.object({ env: z.record(z.string(), z.string()), run: z.string() })]),
  }),
});

test("the action plans, deploys where that is wanted, and takes more options", async () => {
  const { data } = readYaml(readFileSync(join(examples, "action.yml"), "utf8"));
  const { inputs, runs } = actionFile.parse(data);
  const [{ env, run }] = runs.steps;
  const action = async (given: Record<string, string>): Promise<number> => {
    const values = Object.entries(env).map(([name, mark]) => {
      const input = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(mark)?.[1] ?? "";
      return [name, given[input] ?? inputs[input]?.default ?? ""];
    });
    return await shell(run, Object.fromEntries(values));
  };
  // As a package manager links it.
  mkdirSync(join(project, "node_modules/.bin"), { recursive: true });
  symlinkSync(join(folder, "bin/lava"), join(project, "node_modules/.bin/lava"));

  expect(await action({ environment: "uat" })).toBe(0);
  expect(await deployed()).toBe(false);
  expect(await action({ environment: "uat", deploy: "true" })).toBe(0);
  expect(await deployed()).toBe(true);
  expect(existsSync(join(project, "reports/lava.sarif"))).toBe(true);
  expect(await action({ environment: "nowhere" })).not.toBe(0);
  expect(await action({ environment: "uat", options: "--no-such-option" })).toBe(2);
});

test("ci.sh plans and deploys, and has a status for wrong usage", async () => {
  const script = join(examples, "ci.sh");
  expect(await shell(`${script} plan uat`)).toBe(0);
  expect(await deployed()).toBe(false);
  expect(await shell(`${script} deploy uat`)).toBe(0);
  expect(await deployed()).toBe(true);
  expect(readFileSync(join(project, "reports/lava.md"), "utf8")).toContain("uat");
  expect(await shell(`${script} nothing uat`)).toBe(2);
});
