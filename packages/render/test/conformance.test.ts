import { readdirSync, readFileSync } from "node:fs";
import { isMap, LavaError, parseJson } from "@lava/core";
import { afterAll, describe, expect, test } from "vitest";
import { createRenderer } from "../src/index.ts";
import { PyError } from "../src/values/error.ts";
import { loadContext, loadTemplate } from "./load-context.ts";

/** What the real Jinja makes of a template: text, or the message and the type of its error. */
interface Case {
  readonly template: string;
  readonly expected?: string;
  readonly error?: string;
  readonly type?: string;
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

function outcome(
  template: string,
  withType: boolean,
): { text: string } | { error: string; type?: string } {
  try {
    return { text: steady(renderer.render(template, loadContext())) };
  } catch (thrown) {
    if (!(thrown instanceof LavaError)) throw thrown;
    const error = steady(thrown.issues[0]?.message ?? thrown.message);
    const { cause } = thrown;
    if (!withType || !(cause instanceof PyError)) return { error };
    return { error, type: cause.type.replace(/^.*\./, "") };
  }
}

describe.each(readdirSync(folder).filter((file) => file.endsWith(".json")))("%s", (file) => {
  test.each(casesOf(file))("$template", ({ template, expected, error, type }) => {
    expect(outcome(template, type !== undefined)).toEqual(
      error === undefined
        ? { text: steady(expected ?? "") }
        : { error: steady(error), ...(type === undefined ? {} : { type }) },
    );
  });
});
