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
const job = createRenderer({ loader: loadTemplate });
/** Templates of a build have marks of their own; those that they include are rewritten to them. */
const build = createRenderer({ delimiters: "build", loader: (name) => withBuildMarks(name) });

function withBuildMarks(name: string): ReturnType<typeof loadTemplate> {
  const found = loadTemplate(name);
  if (found === undefined) return undefined;
  const source = found.source.replaceAll(/\{([{%#])/g, "<$1").replaceAll(/([}%#])\}/g, "$1>");
  return { ...found, source };
}

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

function typeOf(type: string): string {
  return type === "TemplateAssertionError" ? "TemplateSyntaxError" : type;
}

function outcome(
  renderer: typeof job,
  template: string,
  withType: boolean,
): { text: string } | { error: string; type?: string } {
  try {
    return { text: steady(renderer.render(template, loadContext())) };
  } catch (thrown) {
    if (!(thrown instanceof LavaError)) throw thrown;
    const error = steady(thrown.issues[0]?.message ?? thrown.message);
    const { cause } = thrown;
    if (!withType) return { error };
    // Jinja has more classes of errors in a template's own text than one.
    if (!(cause instanceof PyError)) return { error, type: "TemplateSyntaxError" };
    return { error, type: cause.type.replace(/^.*\./, "") };
  }
}

describe.each(readdirSync(folder).filter((file) => file.endsWith(".json")))("%s", (file) => {
  test.each(casesOf(file))("$template", ({ template, expected, error, type }) => {
    expect(outcome(file.startsWith("build") ? build : job, template, type !== undefined)).toEqual(
      error === undefined
        ? { text: steady(expected ?? "") }
        : { error: steady(error), ...(type === undefined ? {} : { type: typeOf(type) }) },
    );
  });
});
