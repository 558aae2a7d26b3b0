import { emulatedRealm } from "@lava/testing";
import { expect, test } from "vitest";
import { resolveAlias } from "../src/aliases.ts";
import { type CliResult, runCli } from "./cli.ts";
import { tempFolder } from "./temp-folder.ts";

test("commands of the original take LAVA_REALM and the endpoint of the environment, the option before it (CLI-009, CLI-010, CLI-027, CLI-028)", async () => {
  await using emulated = await emulatedRealm({ jobs: [{ job_id: "a" }] });
  await using folder = await tempFolder();
  const { name } = emulated.realm;
  const run = (
    [program = "", ...words]: readonly string[],
    env: Record<string, string | undefined>,
  ): Promise<CliResult> =>
    runCli(resolveAlias(program, words)?.argv ?? [program], { cwd: folder.path, env });
  const { LAVA_REALM: _, ...nowhere } = emulated.environment;
  const commands = [
    ["lava-check", "-c", "*"],
    ["lava-conn-usage", "*"],
    ["lava-dump", "jobs", "no-such-job"],
    ["lava-events", "a"],
    ["lava-job-activity", "a"],
    ["lava-schema", "-d", "a"],
  ];

  for (const command of commands) {
    const words = command.join(" ");
    const unnamed = await run(command, nowhere);
    expect(unnamed, words).toMatchObject({ status: 2, stdout: "" });
    expect(unnamed.stderr, words).toContain("LAVA_REALM");
    const named = await run(command, { ...nowhere, LAVA_REALM: name });
    expect(named, words).toMatchObject({ status: 0 });
    const other = await run([...command, "-r", name], { ...nowhere, LAVA_REALM: "nowhere" });
    expect(other, words).toMatchObject({ status: 0 });
  }
});
