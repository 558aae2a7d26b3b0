import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";

/** A record, and how the original writes it. */
interface Golden {
  readonly level: string;
  readonly message: string;
  readonly json: string;
  readonly json_syslog: string;
  readonly text: Readonly<Record<"file" | "stderr" | "syslog", string>>;
  readonly colour: string;
}

const at = (name: string): string => fileURLToPath(new URL(`golden/${name}`, import.meta.url));
const text = readFileSync(at("log-records.json"), "utf8");
const golden: readonly Golden[] = JSON.parse(text);
let written: readonly Golden[] = [];

beforeAll(() => {
  // The zone of a process is fixed when it starts.
  const output = execFileSync(
    process.execPath,
    ["--conditions=@lava/source", at("write-records.ts")],
    { input: text, env: { ...process.env, TZ: "Australia/Sydney" }, encoding: "utf8" },
  );
  written = JSON.parse(output);
});

describe.each(golden.map((sample, index) => ({ ...sample, index })))(
  "$level $message",
  ({ index, json, json_syslog, text: texts, colour }) => {
    test("is the JSON that the original writes (WF-180 to WF-183)", () => {
      expect(written[index]).toMatchObject({ json, json_syslog });
    });

    test("is the text that the original writes (WF-184)", () => {
      expect(written[index]?.text).toEqual(texts);
    });

    test("has the original's colours", () => {
      expect(written[index]?.colour).toBe(colour);
    });
  },
);
