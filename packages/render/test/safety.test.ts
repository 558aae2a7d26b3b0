import { LavaError } from "@lava/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRenderer, templateUtils } from "../src/index.ts";

const renderer = createRenderer();
const context = { s: "text", n: 1, list: [1], map: { a: 1 }, fn: () => 1, utils: templateUtils() };

const HOST_NAMES = [
  "constructor",
  "prototype",
  "__proto__",
  "__defineGetter__",
  "__lookupGetter__",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "isPrototypeOf",
  "caller",
  "arguments",
  "callee",
  "bind",
  "apply",
  "call",
  "length",
  "push",
  "concat",
  "charAt",
  "toJSON",
  "then",
  "global",
  "globalThis",
  "process",
  "require",
  "module",
  "window",
  "eval",
  "Function",
  "Object",
];
const OWN = new Set(["arguments.caller", "caller"]);

/** What a probe prints; an error of the template is as good as nothing. */
function probe(template: string): string {
  try {
    return renderer.render(template, context);
  } catch (error) {
    if (error instanceof LavaError && error.code.startsWith("TEMPLATE_")) return "";
    throw error;
  }
}

const TARGETS = [
  "''",
  "s",
  "n",
  "1.5",
  "true",
  "none",
  "list",
  "map",
  "(1,)",
  "range(3)",
  "range",
  "dict",
  "fn",
  "s.upper",
  "list.append",
  "map.items()",
  "utils",
  "utils.re",
  "utils.datetime",
  "utils.re.compile('a')",
  "utils.timedelta(1)",
  "nothing",
  "self",
  "cycler(1)",
  "joiner()",
  "namespace()",
  "'x'|safe",
];

describe("a template cannot reach the host", () => {
  test.each(TARGETS)("through members of %s", (target) => {
    for (const name of HOST_NAMES) {
      if (OWN.has(name)) continue;
      expect(probe(`{{ (${target}).${name} }}`), name).toBe("");
      expect(probe(`{{ (${target})['${name}'] }}`), name).toBe("");
      expect(probe(`{{ (${target})|attr('${name}') }}`), name).toBe("");
      expect(probe(`{{ [${target}]|map(attribute='${name}')|join }}`), name).toBe("");
      expect(probe(`{{ '{0.${name}}'.format(${target}) }}`), name).toBe("");
      expect(probe(`{{ '{0[${name}]}'.format(${target}) }}`), name).toBe("");
      expect(probe(`{{ (${target}).${name}.constructor('return 1')() }}`), name).toBe("");
    }
  });

  test.each(HOST_NAMES)("through the name %s", (name) => {
    expect(probe(`{{ ${name} }}`)).toBe("");
    expect(probe(`{{ 1|${name} }}`)).toBe("");
    expect(probe(`{{ 1 is ${name} }}`)).toBe("");
    expect(probe(`{% if true %}{{ 1|${name} }}{% endif %}`)).toBe("");
    expect(probe(`{{ [1]|map('${name}')|list }}`)).toBe("");
    expect(probe(`{{ [1]|select('${name}')|list }}`)).toBe("");
  });

  test.each([
    "{{ ''.__class__.__mro__ }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ '{0.__class__}'.format('') }}",
    "{{ fn.__globals__ }}",
    "{{ self.__init__ }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ lipsum.__globals__ }}",
    "{{ namespace.__init__ }}",
    "{% set x = namespace() %}{% set x.__proto__ = {'a': 1} %}{{ x.a }}{{ {}.a }}",
    "{{ dict(__proto__={'polluted': 1}).polluted }}{{ {}.polluted }}",
  ])("through %s", (template) => {
    expect(probe(template)).toBe("");
  });

  test("a key may have any name and stays data", () => {
    const odd = JSON.parse('{"__proto__": 1, "constructor": 2, "a": {"prototype": 3}}') as object;

    expect(
      renderer.render("{{ m['__proto__'] }}{{ m.constructor }}{{ m.a.prototype }}{{ m }}", {
        m: odd,
      }),
    ).toBe("123{'__proto__': 1, 'constructor': 2, 'a': {'prototype': 3}}");
  });

  test("rendered text is not rendered again", () => {
    expect(renderer.render("{{ x }}", { x: "{{ 1 + 1 }}" })).toBe("{{ 1 + 1 }}");
  });
});

describe("properties", () => {
  test("text without marks is itself, but for line ends and the last newline (T-32)", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }).filter((text) => !/[{}%#]/.test(text)),
        (text) => {
          const unix = text.replace(/\r\n|\r/g, "\n");
          expect(renderer.render(text, {})).toBe(unix.endsWith("\n") ? unix.slice(0, -1) : unix);
        },
      ),
    );
  });

  test("any text in raw comes out as it went in", () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/endraw|\r/.test(text)),
        (text) => {
          expect(renderer.render(`{% raw %}${text}{% endraw %}`, {})).toBe(text);
        },
      ),
    );
  });

  test("a value printed in a list is a literal that gives it back", () => {
    const leaf = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.integer(),
      fc.bigInt(),
      fc.boolean(),
      fc.constant(null),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .filter((value) => !Number.isInteger(value)),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie("value"), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(value, (given) => {
        const text = renderer.render("{{ [x] }}", { x: given });
        expect(renderer.render(`{{ ${text} }}`, {})).toBe(text);
        expect(renderer.render(`{{ ${text} == [x] }}`, { x: given })).toBe("True");
      }),
    );
  });

  test("ints are exact and floor division fits the remainder", () => {
    fc.assert(
      fc.property(
        fc.bigInt(),
        fc.bigInt().filter((b) => b !== 0n),
        (a, b) => {
          const out = renderer.render(
            "{{ a + b }} {{ a - b }} {{ a * b }} {{ (a // b) * b + a % b }}",
            { a, b },
          );
          expect(out).toBe(`${a + b} ${a - b} ${a * b} ${a}`);
        },
      ),
    );
  });

  test("any text as a template gives text or a template error", () => {
    const piece = fc.constantFrom(
      "{{",
      "}}",
      "{%",
      "%}",
      "{#",
      "#}",
      " if ",
      " for ",
      " in ",
      "x",
      "1",
      "'",
      '"',
      "|",
      "(",
      ")",
      "[",
      "]",
      ".",
      ",",
      "set",
      "=",
      "endif",
      "endfor",
      "else",
      "-",
      "+",
      "~",
      "is",
      "not",
      " ",
      "\n",
      "raw",
      "endraw",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(typeof probe(pieces.join(""))).toBe("string");
      }),
      { numRuns: 2000 },
    );
  });

  test("data survives tojson", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const text = renderer.render("{{ x|tojson }}", { x: value });
        const again = createRenderer().render("{{ x|tojson }}", { x: JSON.parse(text) as unknown });
        expect(again).toBe(text);
      }),
    );
  });
});
