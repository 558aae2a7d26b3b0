import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorText, fnmatch, quoteShellWord, splitShellWords } from "@lava/core";
import { expect, test } from "vitest";
import { readCsvRows } from "../../src/sql/csv-reader.ts";
import { createCsvWriter } from "../../src/sql/csv-writer.ts";
import { type PythonCase, pythonCases, toValue } from "./cases.ts";

const RECORDED = join(import.meta.dirname, "recorded.json");

/** What is the same here as in Python, in the form of the answers of `answers.py`. */
async function ours(given: PythonCase): Promise<unknown> {
  try {
    return { value: await valueOf(given) };
  } catch (error) {
    return { error: errorText(error) };
  }
}

async function valueOf(given: PythonCase): Promise<unknown> {
  switch (given.ask) {
    case "write": {
      const writer = createCsvWriter(given.format);
      return given.rows.map((row) => writer.row(row.map(toValue))).join("");
    }
    case "read": {
      const { escapechar, quotechar, ...format } = given.format;
      const rows: (readonly unknown[])[] = [];
      async function* text(): AsyncGenerator<string> {
        if (given.ask === "read") yield given.text;
      }
      const chars = { escapechar: escapechar ?? undefined, quotechar: quotechar ?? undefined };
      const options = Object.entries({ ...format, ...chars }).filter(
        ([, value]) => value !== undefined,
      );
      for await (const { fields } of readCsvRows(text(), Object.fromEntries(options)))
        rows.push(fields);
      return rows;
    }
    case "split":
      return splitShellWords(given.text);
    case "quote":
      return quoteShellWord(given.text);
    case "fnmatch":
    default:
      return fnmatch(given.text, given.pattern);
  }
}

function compare(cases: readonly PythonCase[], answers: readonly unknown[]): Promise<unknown[]> {
  const differences = cases.map(async (given, index) => {
    const [python, here] = [answers[index], await ours(given)];
    return JSON.stringify(python) === JSON.stringify(here) ? undefined : { given, python, here };
  });
  return Promise.all(differences).then((all) => all.filter((found) => found !== undefined));
}

/** Version of the Python that is here, where its csv module writes as that of the original's does. */
function pythonHere(): string | undefined {
  const { stdout } = spawnSync("python3", ["--version"], { encoding: "utf8" });
  return /^Python 3\.(?:9|1[0-2])\.\d+/.exec(stdout ?? "")?.[0];
}

const ask = (cases: readonly PythonCase[]): unknown =>
  JSON.parse(
    execFileSync("python3", [join(import.meta.dirname, "answers.py")], {
      input: JSON.stringify(cases),
      encoding: "utf8",
      maxBuffer: 1 << 27,
    }),
  );

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError("no list");
  return value;
}

test("CSV, shell words and patterns are what Python recorded (T-10..T-16, T-20..T-22)", async () => {
  const cases = pythonCases(1000, 1);
  const recorded = list(JSON.parse(readFileSync(RECORDED, "utf8")));

  expect(recorded).toHaveLength(cases.length);
  expect(await compare(cases, recorded)).toEqual([]);
});

test("and what the Python that is here says of other cases, where there is one", async () => {
  const cases = pythonHere() === undefined ? [] : pythonCases(10_000, 2);

  expect(await compare(cases, cases.length === 0 ? [] : list(ask(cases)))).toEqual([]);
});
