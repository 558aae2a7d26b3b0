import { spawnSync } from "node:child_process";
import { FloatValue } from "@lava/core";
import { expect, test } from "vitest";
import { pythonText } from "../src/python-text.ts";
import { pythonDateTime, pythonTimedelta, toDecimal } from "../src/sql/python-values.ts";

/** A kind of value, and the text that a database gives of it. */
type Given = readonly [kind: keyof typeof ours, text: string];

const ours = {
  decimal: (text: string) => toDecimal(text).text,
  float: (text: string) => pythonText(new FloatValue(Number(text))),
  timedelta: (text: string) => pythonTimedelta(BigInt(text)),
  datetime: (text: string) => pythonDateTime(text),
};

const SCRIPT = `
import datetime, decimal, json, sys
d = datetime
ways = {
    "decimal": lambda t: str(decimal.Decimal(t)),
    "float": lambda t: str(float(t)),
    "timedelta": lambda t: str(d.timedelta(microseconds=int(t))),
    "datetime": lambda t: str(d.datetime.fromisoformat(t)),
}
json.dump([ways[kind](text) for kind, text in json.load(sys.stdin)], sys.stdout)
`;

// As Python 3.11 printed them (T-15).
const recorded: readonly (readonly [...Given, string])[] = [
  ["decimal", "1.50", "1.50"],
  ["decimal", "0.0000001", "1E-7"],
  ["decimal", "0.00000120", "0.00000120"],
  ["decimal", "-0.00000000", "-0E-8"],
  ["decimal", "12345678901234567890.0123456789", "12345678901234567890.0123456789"],
  ["float", "1e16", "1e+16"],
  ["float", "0.0001", "0.0001"],
  ["float", "0.00001", "1e-05"],
  ["float", "-0", "-0.0"],
  ["float", "123456789012345680", "1.2345678901234568e+17"],
  ["timedelta", "0", "0:00:00"],
  ["timedelta", "-1", "-1 day, 23:59:59.999999"],
  ["timedelta", "93600000000", "1 day, 2:00:00"],
  ["timedelta", "172800500000", "2 days, 0:00:00.500000"],
  ["datetime", "2026-01-02 03:04:05", "2026-01-02 03:04:05"],
  ["datetime", "2026-01-02 03:04:05.120000", "2026-01-02 03:04:05.120000"],
  ["datetime", "2026-01-02 03:04:05.000000+10:30", "2026-01-02 03:04:05+10:30"],
];

test.each(recorded)("a %s of %s is printed as %s", (kind, text, expected) => {
  expect(ours[kind](text)).toBe(expected);
});

test("so are others that the Python here prints, where there is one", () => {
  const given = spawnSync("python3", ["--version"]).status === 0 ? manyValues(4000) : [];
  const { stdout } = spawnSync("python3", ["-c", SCRIPT], {
    input: JSON.stringify(given),
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const answers: unknown = given.length === 0 ? [] : JSON.parse(stdout);

  expect(given.map(([kind, text]) => [kind, text, ours[kind](text)])).toEqual(
    given.map(([kind, text], index) => [kind, text, Array.isArray(answers) ? answers[index] : ""]),
  );
});

/** The same values, always. */
function manyValues(count: number): Given[] {
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const digits = (most: number): string =>
    Array.from({ length: 1 + random(most) }, () => random(10)).join("");
  const two = (value: number): string => String(value).padStart(2, "0");
  const sign = (): string => (random(2) === 0 ? "-" : "");
  return Array.from({ length: count }, (_, index): Given => {
    switch (index % 4) {
      case 0: {
        const fraction = random(3) === 0 ? "" : `.${"0".repeat(random(9))}${digits(12)}`;
        return ["decimal", `${sign()}${random(2) === 0 ? "0" : `1${digits(20)}`}${fraction}`];
      }
      case 1:
        return ["float", `${sign()}${random(10)}.${digits(16)}e${random(50) - 25}`];
      case 2:
        return ["timedelta", `${sign()}${digits(14)}`];
      default: {
        const day = `20${two(random(80))}-${two(1 + random(12))}-${two(1 + random(28))}`;
        const time = `${two(random(24))}:${two(random(60))}:${two(random(60))}`;
        const micros = random(2) === 0 ? "" : `.${String(random(1_000_000)).padStart(6, "0")}`;
        const offset = random(3) === 0 ? `+${two(random(14))}:30` : "";
        return ["datetime", `${day} ${time}${micros}${offset}`];
      }
    }
  });
}
