import { LavaError } from "@lava/core";
import { describe, expect, test } from "vitest";
import { createRenderer, templateUtils } from "../index.ts";

const renderer = createRenderer({ limits: { search: 1_000_000 } });
const utils = templateUtils();

const search = (pattern: string, text: string): string =>
  renderer.render("{{ utils.re.search(p, s) is none }}", { utils, p: pattern, s: text });

/** The code of the error that work ends with. */
function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof LavaError ? error.code : "crash";
  }
}

describe("a catastrophic regular expression ends with a clear error", () => {
  test.each([
    ["(a+)+$", `${"a".repeat(40)}b`],
    ["(a|a)*b", "a".repeat(40)],
    ["(a|aa)+$", `${"a".repeat(60)}b`],
    ["(.*)*x", "a".repeat(30)],
    ["(?:a?){40}a{40}", "a".repeat(40)],
    ["(x+x+)+y", "x".repeat(40)],
    ["(a*)*b", "a".repeat(100_000)],
    ["(\\w+)\\1\\1x", "a".repeat(3000)],
    [".*?,.*?,x", "a,".repeat(5000)],
    ["((((a{0,100}){0,100}){0,100}){0,100})*b", "a".repeat(50)],
  ])("%s", (pattern, text) => {
    expect(codeOf(() => search(pattern, text))).toBe("TEMPLATE_LIMIT");
  });

  test("many expensive ones share what one rendering may take", () => {
    const source = "{% for i in range(1000) %}{{ utils.re.search('(a+)+$', s) }}{% endfor %}";

    expect(codeOf(() => renderer.render(source, { utils, s: `${"a".repeat(18)}b` }))).toBe(
      "TEMPLATE_LIMIT",
    );
  });

  test("the next rendering begins anew", () => {
    codeOf(() => search("(a+)+$", `${"a".repeat(40)}b`));

    expect(search("(a+)+$", "aaaa")).toBe("False");
  });
});

describe("ordinary work on long texts is not stopped", () => {
  test.each([
    ["a*b", "a".repeat(100_000)],
    ["(a+)b", "a".repeat(100_000)],
    ["\\s+$", `${" ".repeat(100_000)}x`],
    ["[^,]*,$", "x".repeat(100_000)],
    [".*x", "a".repeat(100_000)],
    ["\\w++,", "a".repeat(100_000)],
  ])("%s", (pattern, text) => {
    expect(search(pattern, text)).toBe("True");
  });

  test("a run at the beginning still matches where it may", () => {
    const source =
      "{{ utils.re.search('a{2,}b', 'aab').span() }}{{ utils.re.findall('a*(?<=aa)b?', 'aaab') }}" +
      "{{ utils.re.search('(a+)-\\\\1$', 'aaa-aa').span() }}";

    expect(renderer.render(source, { utils })).toBe("(0, 3)['aaab'](1, 6)");
  });
});

describe("a rendering within another", () => {
  const inner = (search: string): unknown =>
    createRenderer().evaluate(search, { utils, s: `${"a".repeat(14)}b` }) ?? "";

  test("takes from what the outer one has left", () => {
    const globals = { inner };
    const outer = createRenderer({ limits: { search: 1_000_000 }, globals });
    const source =
      "{% for i in range(1000) %}{{ inner(\"utils.re.search('(a+)+$', s)\") }}{% endfor %}";

    expect(codeOf(() => outer.render(source, {}))).toBe("TEMPLATE_LIMIT");
  });
});

describe("sizes", () => {
  test("a hundred thousand characters need no deep stack", () => {
    expect(search("^(?:a|b)*$", "ab".repeat(50_000))).toBe("False");
  });

  test("a hundred thousand groups within one another are refused", () => {
    const pattern = `${"(".repeat(100_000)}a${")".repeat(100_000)}`;

    expect(codeOf(() => search(pattern, "a"))).toBe("TEMPLATE_ERROR");
  });

  test("positions count characters, not halves of them", () => {
    const source = "{{ utils.re.search('x', '😀x').span() }}{{ utils.re.sub('.', '-', '😀é') }}";

    expect(renderer.render(source, { utils })).toBe("(1, 2)--");
  });
});

test.each([
  ["{{ utils.re.sub('(?P<n>b)', '[\\\\g<n>]', 'abc') }}", "a[b]c"],
  ["{{ utils.re.search('(?i)B', 'abc').group() }}", "b"],
  ["{{ utils.re.search('c\\\\Z', 'abc\\n') is none }}", "True"],
  ["{{ utils.re.search('c$', 'abc\\n') is none }}", "False"],
  ["{{ utils.re.match('\\\\w+', 'äöß_1 x').group() }}", "äöß_1"],
  [
    "{{ utils.re.match('b', 'ab') is none }}{{ utils.re.fullmatch('a', 'ab') is none }}",
    "TrueTrue",
  ],
])("%s is as in Python (T-23)", (source, text) => {
  expect(renderer.render(source, { utils })).toBe(text);
});

test.each([
  ["basename('a/')", ""],
  ["basename('/a/b.c')", "b.c"],
  ["dirname('/a/b.c')", "/a"],
  ["join('a', '/b')", "/b"],
  ["splitext('.a')", "('.a', '')"],
])("utils.path.%s is as in Python (T-24)", (call, text) => {
  expect(renderer.render(`{{ utils.path.${call} }}`, { utils })).toBe(text);
});
