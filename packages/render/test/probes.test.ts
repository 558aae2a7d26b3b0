import { LavaError } from "@lava/core";
import { expect, test } from "vitest";
import { createRenderer, templateUtils } from "../src/index.ts";
import { loadTemplate } from "./load-context.ts";
import { probes } from "./probes.ts";

/** What no output may hold: texts of host functions, objects and prototypes. */
const HOST =
  /\[native code\]|function\s*\w*\(|=>|\[object |\[Function|class \w+ extends|NaN|node:internal|\bnull\b/;

const data = (): Record<string, unknown> => ({
  s: "text",
  list: [1],
  map: { a: 1 },
  tags: new Set(["x"]),
  blob: new Uint8Array([1]),
  users: [{ a: 1 }],
  fn: () => "called",
  utils: templateUtils(),
});

const plain = (value: Record<string, unknown>): string =>
  JSON.stringify({ ...value, tags: undefined, utils: undefined });

/** Not all in each run: the steps of this walk meet every target, name and way. */
const STRIDE = 7;

test("thousands of probes reach no host object and change nothing", () => {
  const renderer = createRenderer({ loader: loadTemplate });
  const context = data();
  const before = plain(context);
  const bad: string[] = [];
  let count = 0;
  for (const probe of probes()) {
    if (++count % STRIDE !== 0) continue;
    try {
      const text = renderer.render(probe, context);
      if (HOST.test(text)) bad.push(`${probe} -> ${text}`);
    } catch (error) {
      if (!(error instanceof LavaError)) throw new Error(probe, { cause: error });
      if (!error.code.startsWith("TEMPLATE_")) bad.push(`${probe} -> ${error.code}`);
      if (HOST.test(error.issues[0]?.message ?? "")) bad.push(`${probe} -> ${error.message}`);
    }
  }

  expect(bad).toEqual([]);
  expect(count).toBeGreaterThan(40_000);
  expect(plain(context)).toBe(before);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect({}.constructor).toBe(Object);
});

test.each([
  "{% set _ = list.append(2) %}",
  "{% set _ = map.update(b=2) %}",
  "{% set _ = map.clear() %}",
  "{% set _ = list.sort(reverse=true) %}",
  "{% set _ = map.setdefault('__proto__', {}).update(polluted=1) %}",
  "{% set _ = users[0].pop('a') %}",
  "{% set _ = tags.add('y') %}",
  "{% for u in users %}{% set _ = u.update({'constructor': 1}) %}{% endfor %}",
])("%s changes the template's own copy only", (template) => {
  const renderer = createRenderer();
  const context = data();
  const before = plain(context);

  renderer.render(template, context);

  expect(plain(context)).toBe(before);
  expect(context["tags"]).toEqual(new Set(["x"]));
  expect(renderer.render("{{ list }}{{ map }}{{ users }}{{ {}.polluted }}", context)).toBe(
    "[1]{'a': 1}[{'a': 1}]",
  );
});
