import { DecimalValue, FloatValue, LavaError } from "@lava/core";
import { describe, expect, test } from "vitest";
import { createRenderer, pyDateTime, templateNamespace, templateUtils } from "./index.ts";

const renderer = createRenderer();

function failure(work: () => unknown): LavaError {
  try {
    work();
  } catch (error) {
    if (error instanceof LavaError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

test("check reads a template as a whole and carries out nothing of it", () => {
  renderer.check("{{ missing.x }}{{ 1 / 0 }}");

  expect(failure(() => renderer.check("{% else %}x", { name: "t" })).message).toBe(
    "Encountered unknown tag 'else'. (t, line 1, column 4: {% else %}x)",
  );
});

describe("delimiters", () => {
  const build = createRenderer({ delimiters: "build" });

  test("a build renderer leaves the worker's marks alone (FW-053)", () => {
    const source = "{{ realm.s3_payloads }}/<{ prefix }>/x <# c #><% if yes %>{% y %}<% endif %>";

    expect(build.render(source, { prefix: "p", yes: true })).toBe(
      "{{ realm.s3_payloads }}/p/x {% y %}",
    );
  });

  test("a dict literal ends before the build mark", () => {
    expect(build.render("<{ {'a': {'b': 1}}.a.b }>", {})).toBe("1");
  });

  test("structures print as JSON where YAML reads them back (FW-056)", () => {
    const json = createRenderer({ delimiters: "build", structures: "json" });
    const value = { a: [1, null, true, "x'\"\n", new FloatValue(2)] };

    expect(json.render("v: <{ v }> <{ v.a[2] }> <{ v.a[1] }>", { v: value })).toBe(
      'v: {"a": [1, null, true, "x\'\\"\\n", 2.0]} True None',
    );
  });
});

describe("errors", () => {
  test("carry template, line, column and an excerpt", () => {
    const error = failure(() =>
      renderer.render("a\nb {{ x.y.z }}", { x: {} }, { name: "job.yaml" }),
    );

    expect(error.code).toBe("TEMPLATE_ERROR");
    expect(error.message).toBe(
      "'dict object' has no attribute 'y' (job.yaml, line 2, column 9: b {{ x.y.z }})",
    );
    expect(error.issues).toEqual([
      {
        path: [],
        code: "template_error",
        message: "'dict object' has no attribute 'y'",
        file: "job.yaml",
        line: 2,
        column: 9,
      },
    ]);
  });

  test("name the included template that has the fault", () => {
    const within = createRenderer({
      loader: (name) => ({ name: `lib/${name}`, source: "ok\n{{ 1 + 'a' }}" }),
    });

    const error = failure(() => within.render("{% include 'part' %}", {}, { name: "top" }));

    expect(error.issues[0]).toMatchObject({ file: "lib/part", line: 2, column: 6 });
  });

  test("name the included template that does not parse", () => {
    const within = createRenderer({ loader: (name) => ({ name, source: "x\n{% if %}" }) });

    const error = failure(() => within.render("{% include 'bad' %}", {}, { name: "top" }));

    expect(error.issues[0]).toMatchObject({ file: "bad", line: 2 });
  });

  test("without a loader, include fails (WK-130)", () => {
    expect(failure(() => renderer.render("{% include 'x' %}", {})).message).toMatch(
      /^no loader for this environment specified/,
    );
  });
});

describe("limits", () => {
  test.each([
    ["endless recursion of macros", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"],
    ["a huge range", "{{ range(10**12) }}"],
    ["a huge loop", "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}"],
    ["a huge text", "{{ 'x' * 10**12 }}"],
    ["a huge power", "{{ 9 ** (9 ** (9 ** 9)) }}"],
    ["deep parentheses", `{{ ${"(".repeat(100_000)}1${")".repeat(100_000)} }}`],
    ["a template that includes itself", "{% include 'self' %}"],
  ])("%s ends with a clear error", (_what, source) => {
    const limited = createRenderer({
      limits: { steps: 100_000 },
      loader: (name) => ({ name, source: "{% include 'self' %}" }),
    });

    expect(failure(() => limited.render(source, {})).code).toBe("TEMPLATE_LIMIT");
  });

  test("ten megabytes of text render", () => {
    expect(renderer.render("x".repeat(10_000_000), {})).toHaveLength(10_000_000);
  });
});

describe("context", () => {
  test("a template cannot change what it is given", () => {
    const items = [1];
    const map = { a: 1 };

    renderer.render("{% set _ = items.append(2) %}{% set _ = map.update(b=2) %}", { items, map });

    expect(items).toEqual([1]);
    expect(map).toEqual({ a: 1 });
  });

  test("numbers keep their kind (T-02 to T-05)", () => {
    const context = {
      i: 1,
      f: new FloatValue(1),
      d: new DecimalValue("2.50"),
      big: 9007199254740993n,
    };

    expect(renderer.render("{{ i }} {{ f }} {{ d }} {{ [d] }} {{ big + 1 }}", context)).toBe(
      "1 1.0 2.50 [Decimal('2.50')] 9007199254740994",
    );
  });

  test("functions are called with plain data, keywords last", () => {
    const arn = (service: unknown, options: unknown): string =>
      `${String(service)} ${JSON.stringify(options)}`;

    expect(renderer.render("{{ arn('s3', x=[1]) }}", { arn })).toBe('s3 {"x":[1]}');
  });

  test("members of a namespace are made when they are used", () => {
    let asked = 0;
    const aws = templateNamespace(
      "aws",
      { region: "r" },
      {
        account: () => {
          asked++;
          return "123";
        },
      },
    );

    expect(renderer.render("{{ aws.region }}", { aws })).toBe("r");
    expect(asked).toBe(0);
    expect(renderer.render("{{ aws.account }}", { aws })).toBe("123");
  });

  test("an instance of a class is refused", () => {
    expect(failure(() => renderer.render("{{ d }}", { d: new Date(0) })).code).toBe(
      "TEMPLATE_CONTEXT",
    );
  });

  test("globals are seen by imported templates, the context is not", () => {
    const within = createRenderer({
      globals: { g: "G" },
      loader: (name) => ({ name, source: "{% macro m() %}{{ g }}{{ c }}{% endmacro %}" }),
    });

    expect(within.render("{% import 'x' as x %}{{ x.m() }}", { c: "C" })).toBe("G");
  });

  test("undefined values that are printed are reported (FW-059)", () => {
    const seen: string[] = [];

    renderer.render(
      "{{ a }}{{ b is defined }}{{ c|default('x') }}{{ d.e }}",
      { d: {} },
      {
        onUndefined: (issue) => seen.push(`${issue.line}:${issue.column} ${issue.message}`),
      },
    );

    expect(seen).toEqual(["1:4 'a' is undefined", "1:50 'dict object' has no attribute 'e'"]);
  });

  test("a filter of one's own takes and gives data", () => {
    const own = createRenderer({ filters: { twice: (value) => [value, value] } });

    expect(own.render("{{ x|twice }}", { x: "a" })).toBe("['a', 'a']");
  });
});

test("an expression gives its value as data", () => {
  expect(renderer.evaluate("x.a + 1 > 2", { x: { a: 2 } })).toBe(true);
  expect(renderer.evaluate("x.b", { x: { a: 2 } })).toBeUndefined();
  expect(renderer.evaluate("{'a': (1, d)}", { d: pyDateTime(0, "utc") })).toEqual({
    a: [1, "1970-01-01T00:00:00+00:00"],
  });
});

test("utils ask the clock that they are given", () => {
  const utils = templateUtils({ clock: fixedClock(1_767_323_045_000), uuid: () => "u-1" });

  expect(
    renderer.render(
      "{{ utils.datetime.now(utils.timezone.utc) }} {{ utils.datetime.utcnow().date() }} {{ utils.uuid() }}",
      { utils },
    ),
  ).toBe("2026-01-02 03:04:05+00:00 2026-01-02 u-1");
});

function fixedClock(ms: number): NonNullable<Parameters<typeof templateUtils>[0]>["clock"] {
  return { now: () => ms, sleep: () => Promise.resolve() };
}
