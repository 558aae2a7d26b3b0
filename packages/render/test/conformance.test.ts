import { readdirSync, readFileSync } from "node:fs";
import { isMap, parseJson } from "@lava/core";
import { afterAll, describe, expect, test } from "vitest";
import { createRenderer } from "../src/index.ts";
import { loadContext } from "./load-context.ts";

/** What the real Jinja makes of a template: text, or the message of its error. */
interface Case {
  readonly template: string;
  readonly expected?: string;
  readonly error?: string;
}

const folder = new URL("./cases/", import.meta.url);
const templates = new URL("./templates/", import.meta.url);
const names = readdirSync(templates);
const renderer = createRenderer({
  loader: (name) =>
    names.includes(name)
      ? { name, source: readFileSync(new URL(name, templates), "utf8") }
      : undefined,
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

describe.each(readdirSync(folder).filter((file) => file.endsWith(".json")))("%s", (file) => {
  test.each(casesOf(file))("$template", ({ template, expected, error }) => {
    let text: string | undefined;
    let message: string | undefined;
    try {
      text = renderer.render(template, loadContext());
    } catch (thrown) {
      const fault = thrown as { readonly issues?: readonly { readonly message: string }[] };
      message = fault.issues?.[0]?.message ?? String(thrown);
    }

    if (error === undefined) {
      expect(message).toBeUndefined();
      expect(steady(text ?? "")).toBe(steady(expected ?? ""));
    } else {
      expect(text).toBeUndefined();
      expect(message).toBe(error);
    }
  });
});
