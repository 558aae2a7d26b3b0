import { readdirSync, readFileSync } from "node:fs";
import { isMap, LavaError, parseJson } from "@lava/core";
import { afterAll, describe, expect, test } from "vitest";
import { createRenderer } from "../src/index.ts";
import { loadContext, loadTemplate } from "./load-context.ts";

/** What the real Jinja makes of a template: text, or the message of its error. */
interface Case {
  readonly template: string;
  readonly expected?: string;
  readonly error?: string;
}

const folder = new URL("./cases/", import.meta.url);
const renderer = createRenderer({
  loader: loadTemplate,
});

function casesOf(file: string): readonly Case[] {
  const data = parseJson(readFileSync(new URL(file, folder), "utf8"));
  return (Array.isArray(data) ? data.filter(isMap) : []) as unknown as readonly Case[];
}

const zone = process.env["TZ"];
process.env["TZ"] = "Australia/Sydney";
afterAll(() => {
  process.env["TZ"] = zone;
});

/** Addresses in memory differ from run to run. */
const steady = (text: string): string => text.replace(/0x[0-9a-f]+/g, "0x");

function outcome(template: string): { text: string } | { error: string } {
  try {
    return { text: steady(renderer.render(template, loadContext())) };
  } catch (thrown) {
    if (!(thrown instanceof LavaError)) throw thrown;
    return { error: thrown.issues[0]?.message ?? thrown.message };
  }
}

describe.each(readdirSync(folder).filter((file) => file.endsWith(".json")))("%s", (file) => {
  test.each(casesOf(file))("$template", ({ template, expected, error }) => {
    expect(outcome(template)).toEqual(
      error === undefined ? { text: steady(expected ?? "") } : { error },
    );
  });
});
