import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { systemClock } from "@lava/core";
import { emulatedRealm, type EmulatedRealm } from "@lava/testing";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProgram } from "../src/program.ts";
import { runCli } from "./cli.ts";

/** A command that does something, with the options that it and those around it take. */
interface Leaf {
  readonly words: readonly string[];
  readonly options: readonly string[];
  readonly isHidden: boolean;
}

const leaves: readonly Leaf[] = leavesOf(
  createProgram({
    env: {},
    cwd: "/",
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock: systemClock,
    signal: new AbortController().signal,
    exitStatus: 0,
  }),
  [],
  [],
);

function leavesOf(command: Command, words: readonly string[], around: readonly string[]): Leaf[] {
  const options = [...around, ...command.options.map(({ long, short }) => long ?? short ?? "")];
  if (command.commands.length === 0) return [{ words, options, isHidden: false }];
  return command.commands.flatMap((inner) => leavesOf(inner, [...words, inner.name()], options));
}

/** Commands of the registry by what they are called; a new one is among them without a line here. */
const named = leaves.map((leaf) => [leaf.words.join(" "), leaf] as const);

/** Commands that never call AWS, and so have no account to choose. */
const WITHOUT_AWS = new Set([
  "new",
  "init",
  "hook install",
  "hook remove",
  "update",
  "migrate",
  "check",
  "clean",
  "item",
  "helper git-commit-info",
  "helper ipynb2py",
  "helper json-diff",
  "helper json-inject",
  "helper os-type",
  "helper yaml2json",
  "helper yaml_key_diff",
  "helper docker-purge",
  "dev up",
  "dev down",
  "dev status",
  "dev logs",
  "dev env",
  "dev reset",
  "lambdas build",
  "version",
]);

/** Commands whose output is a document, a stream or nothing already: what a `--json` would be said of. */
const WITHOUT_JSON = new Set([
  "item",
  "dag-gen",
  "jinja",
  "connect",
  "email",
  "sharepoint put-doc",
  "sharepoint get-doc",
  "sharepoint get-multi-doc",
  "sharepoint get-list",
  "sharepoint put-list",
  "slack",
  "smb put",
  "smb get",
  "sql",
  "dev logs",
  "dev env",
  "dev reset",
  "worker",
  "dispatcher",
  "scheduler",
  "s3lambda",
]);

const ESCAPE = "\u001B[";

let emulated: EmulatedRealm;
let folder: string;
let project: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lava-every-"));
  project = join(folder, "project");
  emulated = await emulatedRealm({
    jobs: [
      {
        job_id: "app/a",
        description: "d",
        owner: "o",
        enabled: true,
        payload: "echo {{ globals.day }}",
      },
      { job_id: "app/b", enabled: true, payload: "x", schedule: "0 3 * * *", dispatcher: "main" },
    ],
    connections: [{ conn_id: "db", type: "sqlite3", owner: "o", host: "x" }],
    s3triggers: [{ trigger_id: "t", bucket: "b", prefix: "a/", job_id: "app/a", enabled: true }],
  });
  const made = await runCli(
    ["new", project, "--no-input", "-p", "realm=dev", "-p", "owner=o", "-p", "description=D"],
    { cwd: folder },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  await emulated.realm.state.put("app/state", "v");
  writeFileSync(join(folder, "spec.json"), JSON.stringify({ job_id: "a", type: "cmd" }));
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe("every command", () => {
  test.each(named)(
    "%s: -h and --help print usage on stdout (CLI-002)",
    async (_name, { words }) => {
      for (const option of ["-h", "--help"]) {
        const { status, stdout, stderr } = await runCli([...words, option], { cwd: "/" });

        expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
        expect(stdout).toMatch(/^Usage: lava/);
        expect(stdout).not.toContain(ESCAPE);
      }
    },
  );

  test.each(named)(
    "%s: an unknown option is wrong usage: 2, or the original's 1 (CLI-003)",
    async (_name, { words }) => {
      const { status, stdout, stderr } = await runCli([...words, "--no-such-option"], { cwd: "/" });

      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(/unknown option '--no-such-option'|required option '/);
    },
  );

  test.each(named)(
    "%s: --profile and --region where AWS is called (CLI-007, CLI-008)",
    async (name, leaf) => {
      const { stdout } = await runCli([...leaf.words, "--help"]);
      const offered = ["--profile", "--region"].filter(
        (option) => leaf.options.includes(option) || stdout.includes(`${option} <`),
      );

      expect(offered).toEqual(WITHOUT_AWS.has(name) ? [] : ["--profile", "--region"]);
    },
  );

  test.each(named)("%s: --json where it reports (CLI-025)", (name, leaf) => {
    const isDocument = WITHOUT_JSON.has(name) || name.startsWith("helper ");

    if (!isDocument) expect(leaf.options).toContain("--json");
  });

  test("the exceptions above are commands", () => {
    const names = named.map(([name]) => name);

    expect([...WITHOUT_AWS, ...WITHOUT_JSON].filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe("--json", () => {
  const withJson = named.filter(
    ([name, { options }]) =>
      options.includes("--json") && !WITHOUT_JSON.has(name) && !name.startsWith("helper "),
  );
  /** What reports are asked for; commands that are not here are asked where there is nothing: no realm, no project. */
  const asked: Readonly<Record<string, readonly string[]>> = {
    backfill: ["app/b", "--from", "2026-01-01", "--to", "2026-01-02", "--dry-run"],
    cancel: ["app/a", "00000000-0000-0000-0000-000000000000"],
    "checksum add": ["*", "--dry-run"],
    "checksum check": ["*"],
    "conn-usage": ["*"],
    connections: [],
    deploy: ["--env", "dev", "--yes"],
    dispatch: ["app/a"],
    dump: ["*", "--dir", "."],
    events: ["app/a"],
    "lambdas build": ["nothing"],
    logs: ["app/a", "00000000-0000-0000-0000-000000000000"],
    "realm check": ["-c", "*"],
    render: ["app/a"],
    rerun: ["app/a"],
    run: ["app/nothing"],
    "schedule explain": ["app/b"],
    "schedule next": ["app/b"],
    "schedule slots": ["app/b"],
    "schedule pause": ["app/b"],
    "schedule resume": ["app/b"],
    schema: ["../spec.json"],
    "state get": ["app/state"],
    "state put": ["app/other", '"x"'],
    "state delete": ["app/other"],
    "trigger test": ["b", "a/x"],
  };

  test.each(withJson)(
    "%s prints one JSON document, with results or with its fault",
    async (name, { words }) => {
      const isMade = /^(?:new|init|hook|dev|stop|lambdas|ci|doctor|helper|uninstall|rollback)/.test(
        name,
      );
      const needed = name === "new" ? ["x"] : [];
      const { status, stdout } = await runCli(
        [...words, ...(asked[name] ?? needed), "--json"],
        isMade
          ? { cwd: "/nowhere", env: { LAVA_REALM: "none", AWS_ENDPOINT_URL: "http://127.0.0.1:9" } }
          : { cwd: project, env: emulated.environment, stdin: Readable.from([]) },
      );

      expect([0, 1, 2, 3]).toContain(status);
      expect(() => JSON.parse(stdout)).not.toThrow();
      expect(stdout).not.toContain(ESCAPE);
    },
  );
});
