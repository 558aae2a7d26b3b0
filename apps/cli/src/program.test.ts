import { globSync } from "node:fs";
import { basename } from "node:path";
import { systemClock } from "@lava/core";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { runCli } from "../test/cli.ts";
import { createProgram } from "./program.ts";

describe("lava", () => {
  test("every file of commands/ is a command of the program, and the other way round", async () => {
    const files = globSync("commands/*.ts", { cwd: import.meta.dirname })
      .map((file) => basename(file, ".ts"))
      .filter((name) => !name.endsWith(".test"))
      .sort();

    const { stdout } = await runCli(["--help"]);
    const listed = [...stdout.matchAll(/^ {2}([a-z\d-]+)(?: |$)/gm)]
      .map((match) => match[1] ?? "")
      .sort();

    expect(listed).toEqual(files);
  });

  test("--help of each command describes it and succeeds (CLI-002)", async () => {
    for (const name of [
      "new",
      "check",
      "build",
      "plan",
      "deploy",
      "uninstall",
      "run",
      "dispatch",
      "runs",
      "events",
      "logs",
      "state",
      "dev",
      "version",
    ]) {
      const { status, stdout } = await runCli([name, "--help"]);

      expect(status, name).toBe(0);
      expect(stdout, name).toContain(`Usage: lava ${name}`);
    }
  });

  test("every option and argument is described, and --help has examples to copy", async () => {
    const undescribed = (command: Command, name: string): string[] => [
      ...[...command.options, ...command.registeredArguments].flatMap((part) =>
        part.description === "" ? [`${name} ${part.name()}`] : [],
      ),
      ...command.commands.flatMap((inner) => undescribed(inner, `${name} ${inner.name()}`)),
    ];
    const program = createProgram({
      env: {},
      cwd: "/",
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      clock: systemClock,
      signal: new AbortController().signal,
      exitStatus: 0,
    });
    const help = await runCli(["run", "--help"]);

    expect(undescribed(program, "lava")).toEqual([]);
    expect(help.stdout).toMatch(/Examples:\n {2}lava run /);
  });

  test("an unknown command or option is a usage fault with a suggestion", async () => {
    const command = await runCli(["dispach", "x"]);
    const option = await runCli(["runs", "--jsno"]);

    expect(command).toMatchObject({ status: 2, stdout: "" });
    expect(command.stderr).toContain("Did you mean dispatch?");
    expect(option).toMatchObject({ status: 2, stdout: "" });
    expect(option.stderr).toContain("--json");
  });

  test("version prints JSON for scripts", async () => {
    const { stdout } = await runCli(["version", "--json"]);

    expect(JSON.parse(stdout)).toMatchObject({ lava: "9.0.0", node: process.versions.node });
  });

  test("a command that needs a realm and is told of none says how to name one", async () => {
    const text = await runCli(["runs"], { cwd: "/" });
    const json = await runCli(["runs", "--json"], { cwd: "/" });

    expect(text).toMatchObject({ status: 2, stdout: "" });
    expect(text.stderr).toContain("[NO_REALM]");
    expect(text.stderr).toContain("LAVA_REALM");
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "NO_REALM" } });
  });

  test("a command of a project outside of one says what a project is", async () => {
    const { status, stderr } = await runCli(["check"], { cwd: "/" });

    expect(status).toBe(2);
    expect(stderr).toContain("lava new");
  });
});
