import { expect, test } from "vitest";
import { runCli } from "../test/cli.ts";

test.each([
  [["runs", "--limit", "x"], "--limit <count>", "a whole number"],
  [["runs", "--limit", "0"], "--limit <count>", "above 0"],
  [["runs", "--since", "5x"], "--since <duration>", "10m"],
  [["runs", "--status", "complet"], "--status", "Did you mean complete?"],
  [["run", "job", "--timeout", "soon"], "--timeout <duration>", "10m"],
  [["run", "job", "--parameters", "{bad"], "--parameters", "JSON"],
  [["dispatch", "job", "--delay", "soon"], "--delay <duration>", "10m"],
  [["dispatch", "job", "--delay", "31d"], "--delay <duration>", "30 days"],
  [["dev", "up", "--port", "http"], "--port <number>", "a whole number"],
  [["dev", "up", "--port", "70000"], "--port <number>", "65535"],
  [["dev", "up", "--threads", "0"], "--threads <count>", "above 0"],
  [["dev", "logs", "--lines", "-1"], "--lines <count>", "a whole number"],
])(
  "%j is a usage fault that names the option, before anything is done",
  async (args, option, expected) => {
    const result = await runCli(args, { env: { LAVA_REALM: "nowhere" } });

    expect(result).toMatchObject({ status: 2, stdout: "" });
    expect(result.stderr).toContain(option);
    expect(result.stderr).toContain(expected);
  },
);
