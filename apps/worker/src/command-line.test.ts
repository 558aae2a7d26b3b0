import { expect, test } from "vitest";
import { parseCommandLine } from "./command-line.ts";

const parse = (line: string, env: Record<string, string> = {}) =>
  parseCommandLine(line.split(" ").filter(Boolean), env, "9.0.0");

test("the standard boot line is accepted as it is (WK-015)", () => {
  const parsed = parse(
    "--realm R --worker W --jump-start --daemon --heartbeat 60 --tag lava-R-W --log @local0 --level info --log-json --threads 7",
  );

  expect(parsed).toMatchObject({
    kind: "run",
    options: {
      realm: "R",
      worker: "W",
      jumpStart: true,
      daemon: true,
      heartbeat: 60,
      tag: "lava-R-W",
      log: "@local0",
      level: "info",
      logJson: true,
      threads: 7,
    },
  });
});

test("defaults are those of the original (WK-001 to WK-007)", () => {
  expect(parse("-r R -w W")).toMatchObject({
    options: {
      threads: 5,
      sleep: 10,
      wait: 10,
      retries: 2,
      heartbeat: 0,
      batch: false,
      daemon: false,
      root: false,
      level: "info",
      tag: "lava-worker",
      colour: true,
    },
  });
});

test("realm, worker and level may come from the environment (CLI-195, CLI-197)", () => {
  const env = { LAVA_REALM: "R", LAVA_WORKER: "W", LAVA_LOGLEVEL: "debug" };

  expect(parse("--no-color", env)).toMatchObject({
    options: { realm: "R", worker: "W", level: "debug", colour: false },
  });
});

test.each([
  ["-w W", /realm/],
  ["-r R -w W --wait 21", "Argument --wait: value must be in the range 0 .. 20"],
  ["-r R -w W -b 10", "Argument -b/--heartbeat: value must be 0 or greater than 30"],
  ["-r R -w W -t 0", "Argument -t/--threads: value must be 1 or greater"],
  ["-r R -w W --batch --daemon", /cannot be used with/],
  ["-r R -w W --index -1", "Argument --index: value must be 0 or greater"],
  ["-r R -w W -t x", /must be an integer/],
  ["-r R -w W --what", /unknown option/],
])("%s is a usage error (WK-001, WK-003, WK-006, WK-007)", (line, text) => {
  expect(() => parse(line)).toThrow(text);
  expect(() => parse(line)).toThrow(expect.objectContaining({ kind: "usage" }));
});

test("help and version are texts to print (WK-010)", () => {
  expect(parse("--version")).toEqual({ kind: "print", text: "9.0.0\n" });
  expect(parse("--help")).toMatchObject({ text: expect.stringContaining("--jump-start") });
});
