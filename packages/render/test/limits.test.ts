import { LavaError } from "@lava/core";
import { describe, expect, test } from "vitest";
import { createRenderer, type Limits, templateUtils } from "../src/index.ts";

const utils = templateUtils();

const templates: Readonly<Record<string, string>> = {
  self: "{% include 'self' %}",
  again: "{% import 'again' as x %}",
  parent: "{% extends 'parent' %}",
  ping: "{% include 'pong' %}",
  pong: "{% include 'ping' %}",
};

const loader = (name: string): { name: string; source: string } | undefined => {
  const source = Object.hasOwn(templates, name) ? templates[name] : undefined;
  return source === undefined ? undefined : { name, source };
};

function failure(template: string, limits: Partial<Limits> = {}): LavaError {
  try {
    createRenderer({ loader, limits }).render(template, { utils });
  } catch (error) {
    if (error instanceof LavaError) return error;
    throw error;
  }
  throw new Error("this template has no limit");
}

const many = (count: number, before: string, after = ""): string =>
  `{{ ${before.repeat(count)}1${after.repeat(count)} }}`;

describe("what is too much ends quickly, with TEMPLATE_LIMIT", () => {
  test.each([
    ["100,000 parentheses", many(100_000, "(", ")"), "nested more than 400 levels deep"],
    ["100,000 brackets", many(100_000, "[", "]"), "nested more than 400 levels deep"],
    ["100,000 signs", many(100_000, "-"), "nested more than 400 levels deep"],
    ["100,000 nots", many(100_000, "not "), "nested more than 400 levels deep"],
    ["100,000 inline ifs", many(100_000, "1 if 0 else "), "nested more than 400 levels deep"],
    ["20,000 ifs", "{% if 1 %}".repeat(20_000), "nested more than 400 levels deep"],
    ["100,000 sums", many(100_000, "1+"), "more than 1000 operators"],
    ["100,000 filters", `{{ 1${"|string".repeat(100_000)} }}`, "more than 1000 operators"],
    ["100,000 attributes", `{{ x${".a".repeat(100_000)} }}`, "more than 1000 operators"],
    ["a million marks", "{{ 1 }}".repeat(110_000), "more than 300000 names, marks and texts"],
    ["a macro that calls itself", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"],
    ["a template that includes itself", "{% include 'self' %}", "recursion depth exceeded"],
    ["two that include one another", "{% include 'ping' %}", "recursion depth exceeded"],
    ["a template that imports itself", "{% import 'again' as x %}", "recursion depth exceeded"],
    ["a template that extends itself", "{% extends 'parent' %}", "recursion depth exceeded"],
    ["a block in itself", "{% block a %}{{ self.a() }}{% endblock %}", "recursion"],
    ["an endless loop()", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "recursion"],
    ["range(10**12)", "{% for x in range(10**12) %}{% endfor %}", "range would have more than"],
    ["10**(10**10)", "{{ 10**(10**10) }}", "an int would have more than 200000 bits"],
    ["'a'*10**9", "{{ 'a'*10**9 }}", "a text would have more than 20000000 characters"],
    ["[1]*10**9", "{{ [1]*10**9 }}", "a list would have more than 2000000 items"],
    ["center", "{{ 'a'.center(10**10) }}", "a text would have more than"],
    ["a wide field", "{{ '%1000000000d' % 1 }}", "a text would have more than"],
    ["a wide format", "{{ '{:1000000000}'.format(1) }}", "a text would have more than"],
    ["many digits", "{{ '%.1000000000f' % 1 }}", "more than 10000 decimal places"],
    ["batch", "{{ [1]|batch(10**9, 0)|list }}", "a list would have more than"],
    ["slice", "{{ [1]|slice(10**9)|list }}", "a list would have more than"],
    [
      "a text that doubles",
      "{% set ns=namespace(s='aa') %}{% for x in range(99) %}{% set ns.s=ns.s~ns.s %}{% endfor %}",
      "a text would have more than",
    ],
    [
      "a list that doubles",
      "{% set l=[1] %}{% for x in range(99) %}{% set _=l.extend(l) %}{% endfor %}",
      "a list would have more than",
    ],
    [
      "a list of lists of lists",
      `{% set a=[1]*99 %}{% set b=[a]*99 %}{% set c=[b]*99 %}{% set d=[c]*99 %}{{ [d]*99 }}`,
      "more than",
    ],
    [
      "a list in itself",
      "{% set l=[] %}{% set _=l.append(l) %}{{ l|tojson }}",
      "nested too deeply",
    ],
  ])("%s", (_name, template, message) => {
    const start = performance.now();
    const error = failure(template);

    expect(error).toMatchObject({ code: "TEMPLATE_LIMIT" });
    expect(error.message).toContain(message);
    expect(error.hint).toBe("Make the template smaller, or do the work elsewhere.");
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test.each<[keyof Limits, Partial<Limits>, string]>([
    ["steps", { steps: 100 }, "{% for x in range(101) %}{% endfor %}"],
    ["output", { output: 10 }, "{% for x in range(9) %}{{ 'ab' }}{% endfor %}"],
    ["depth", { depth: 5 }, "{% macro m(n) %}{{ m(n - 1) if n }}{% endmacro %}{{ m(9) }}"],
    ["range", { range: 10 }, "{{ range(11) }}"],
    ["text", { text: 10 }, "{{ n|default('a') * 11 }}"],
    ["items", { items: 10 }, "{{ [n] * 11 }}"],
    ["bits", { bits: 100 }, "{{ (n|default(2)) ** 101 }}"],
    ["template", { template: 10 }, "01234567890"],
    ["work", { work: 100 }, "{% for x in range(20) %}{{ 'abc' ~ x ~ 'def' }}{% endfor %}"],
    ["search", { search: 1000 }, "{{ utils.re.sub('a+b|.', '', 'a' * 200) }}"],
  ])("%s can be set", (_name, limits, template) => {
    expect(failure(template, limits)).toMatchObject({ code: "TEMPLATE_LIMIT" });
    expect(() => createRenderer().render(template, { utils })).not.toThrow();
  });

  test("10 MB of text is rendered at once", () => {
    const text = "select 1;\n".repeat(1_000_000);
    expect(createRenderer().render(`${text}{{ 1 }}`, {})).toHaveLength(10_000_001);
  });

  test("a limit does not outlive its rendering", () => {
    const small = createRenderer({ limits: { work: 1000 } });
    for (let turn = 0; turn < 10; turn++) {
      expect(small.render("{{ ('a' * 400)|length }}", {})).toBe("400");
    }
  });
});
