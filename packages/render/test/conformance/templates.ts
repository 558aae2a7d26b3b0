import { ExpressionGenerator, type Type } from "./expressions.ts";
import { type Piece, piece } from "./piece.ts";
import type { Random } from "./random.ts";

/** A template with all that it needs. */
export interface Sample {
  readonly main: Piece;
  /** Templates that it includes, imports or extends. */
  readonly others: Readonly<Record<string, Piece>>;
  readonly options: SampleOptions;
}

/** Settings of the environment that a sample is rendered in. */
export interface SampleOptions {
  readonly trimBlocks?: boolean;
  readonly lstripBlocks?: boolean;
  readonly keepTrailingNewline?: boolean;
  readonly autoescape?: boolean;
}

const TEXTS = [
  "",
  "a",
  " ",
  "\n",
  "  \n",
  "x y",
  "\n  ",
  "\r\n",
  "\t",
  "<b>",
  "text\n",
  " \n\n ",
  "{",
  "}",
  "%",
  "#",
  "'",
  "-",
  "\n\n",
  "}}",
  "%}",
  "\u00a0",
  "\r",
];
const NAMES = ["v", "w", "x", "y", "name", "items", "n", "loop", "_p"];
const OTHERS = [
  "'part.html'",
  "'base.html'",
  "'child.html'",
  "'macros.html'",
  "'loopy.html'",
  "'nope.html'",
  "['nope', 'part.html']",
  "['nope', 'zip']",
  "undef",
  "'required.html'",
  "'broken.html'",
  "'self.html'",
  "[]",
  "1",
  "none",
  "'gen'",
  "'gen'",
  "'mac'",
];

/** Makes random templates. */
export class TemplateGenerator {
  readonly #random: Random;
  readonly #expressions: ExpressionGenerator;
  readonly #others: Record<string, Piece> = {};
  #blocks = 0;

  constructor(source: Random) {
    this.#random = source;
    this.#expressions = new ExpressionGenerator(source);
  }

  /** A sample: mostly a lone expression, else a whole template. */
  sample(): Sample {
    const { chance, pick } = this.#random;
    const flag = (): boolean => chance(0.5);
    if (chance(0.55)) {
      return {
        main: piece("statement", "{{ ", this.#value(3), " }}"),
        others: {},
        options: chance(0.06) ? { autoescape: true } : {},
      };
    }
    const options = chance(0.3)
      ? {
          trimBlocks: flag(),
          lstripBlocks: flag(),
          keepTrailingNewline: flag(),
          ...(chance(0.3) ? { autoescape: true } : {}),
        }
      : chance(0.1)
        ? { autoescape: true }
        : {};
    const main = chance(0.2) ? this.#inheritance() : this.#body(3);
    if (Object.hasOwn(this.#others, "gen")) return { main, others: this.#others, options };
    this.#others["gen"] = this.#body(1);
    this.#others["mac"] = piece(
      "statement",
      this.#macro(1),
      this.#statement(1),
      "{% set c = ",
      this.#value(1),
      " %}",
    );
    return { main, others: pick([this.#others]), options };
  }

  #value(depth: number, type: Type = "any"): Piece {
    return this.#expressions.of(type, depth);
  }

  #text(): Piece {
    return piece("text", this.#random.pick(TEXTS));
  }

  /** A tag, with or without white space control. */
  #tag(...parts: readonly (string | Piece)[]): (string | Piece)[] {
    const { chance, pick } = this.#random;
    const open = chance(0.25) ? pick(["{%-", "{%+"]) : "{%";
    const close = chance(0.25) ? pick(["-%}", "+%}"]) : "%}";
    return [open, " ", ...parts, " ", close];
  }

  #output(depth: number): Piece {
    const { chance } = this.#random;
    const open = chance(0.15) ? "{{-" : "{{";
    const close = chance(0.15) ? "-}}" : "}}";
    return piece("statement", open, " ", this.#value(depth), " ", close);
  }

  #body(depth: number): Piece {
    const count = 1 + this.#random.int(3);
    const parts: (string | Piece)[] = [];
    for (let turn = 0; turn < count; turn++) parts.push(this.#text(), this.#statement(depth));
    parts.push(this.#text());
    return piece("statement", ...parts);
  }

  #named(name: string): string {
    this.#expressions.names.push(name);
    return name;
  }

  #macro(depth: number): Piece {
    const { chance, pick } = this.#random;
    const name = pick(["m", "mm", "_m"]);
    const defaults = chance(0.5) ? [", b=", this.#value(1)] : [];
    const names = [...this.#expressions.names];
    this.#expressions.names.push("a", "varargs", "kwargs", "caller()", "caller(1)", "b", "caller");
    const body = this.#body(depth - 1);
    this.#expressions.names.length = 0;
    this.#expressions.names.push(
      ...names,
      `${name}(1)`,
      `${name}(1, 2, 3)`,
      `${name}(x=1)`,
      `${name}()`,
      `${name}(b=1, a=2)`,
      name,
      `${name}.arguments`,
      `${name}.catch_kwargs`,
      `${name}(*[1])`,
      `${name}(**{'a': 1})`,
      `${name}.name`,
    );
    return piece(
      "statement",
      ...this.#tag(`macro ${name}(a`, ...defaults, ")"),
      body,
      ...this.#tag(pick(["endmacro", "endmacro", `endmacro ${name}`])),
    );
  }

  #statement(depth: number): Piece {
    const { chance, int, pick } = this.#random;
    if (depth <= 0) return this.#output(1);
    const body = (): Piece => this.#body(depth - 1);
    switch (int(22)) {
      case 0:
      case 1:
      case 2:
        return this.#output(2);
      case 3: {
        const otherwise = chance(0.5) ? [...this.#tag("else"), body()] : [];
        const elif = chance(0.3) ? [...this.#tag("elif ", this.#value(1)), body()] : [];
        return piece(
          "statement",
          ...this.#tag("if ", this.#value(2)),
          body(),
          ...elif,
          ...otherwise,
          ...this.#tag("endif"),
        );
      }
      case 4:
      case 5:
      case 6:
        return this.#for(depth);
      case 7:
      case 8: {
        const value = this.#value(2);
        return piece("statement", ...this.#tag(`set ${this.#named(pick(NAMES))} = `, value));
      }
      case 9: {
        const filter = chance(0.4)
          ? pick([" | upper", " | trim", " | replace('a', 'b')", " | length", "|indent(2)|title"])
          : "";
        return piece(
          "statement",
          ...this.#tag(`set ${this.#named(pick(NAMES))}${filter}`),
          body(),
          ...this.#tag("endset"),
        );
      }
      case 10: {
        const value = this.#value(2);
        return piece(
          "statement",
          ...this.#tag(`with ${this.#named(pick(NAMES))} = `, value, chance(0.3) ? `, w = v` : ""),
          body(),
          ...this.#tag("endwith"),
        );
      }
      case 11:
        return piece("statement", this.#macro(depth), this.#text(), this.#output(1));
      case 12: {
        const macro = this.#macro(depth);
        return piece(
          "statement",
          macro,
          ...this.#tag(
            pick(["call m(1)", "call(x) m(1)", "call(x, y=2) m(1, b=2)", "call mm()", "call n"]),
          ),
          body(),
          ...this.#tag("endcall"),
        );
      }
      case 13:
        return piece(
          "statement",
          ...this.#tag(
            `filter ${pick(["upper", "trim", "replace('a', 'b')", "indent(3)|title", "length", "e", "nope", "wordcount", "default('x')"])}`,
          ),
          body(),
          ...this.#tag("endfilter"),
        );
      case 14:
        return piece(
          "statement",
          ...this.#tag("raw"),
          pick(["{{ x }}", "{% if %}", " a\n ", "{# #}", ""]),
          ...this.#tag("endraw"),
        );
      case 15:
        return piece(
          "statement",
          pick(["{# c #}", "{#- c -#}", "{# a\nb #}", "{#+ c +#}", "  {# c #}\n", "{# c -#}"]),
        );
      case 16:
        return piece(
          "statement",
          ...this.#tag(
            `include ${pick(OTHERS)}${chance(0.3) ? " ignore missing" : ""}${chance(0.3) ? pick([" with context", " without context"]) : ""}`,
          ),
        );
      case 17:
        return chance(0.5)
          ? piece(
              "statement",
              ...this.#tag(
                `import ${pick(OTHERS)} as q${chance(0.3) ? pick([" with context", " without context"]) : ""}`,
              ),
              pick([
                "{{ q }}",
                "{{ q.hello(1) }}",
                "{{ q.m(1) }}",
                "{{ q.c }}",
                "{{ q._private }}",
                "{{ q.nope }}",
                "{{ q.ctx() }}",
                "{{ q.const + 1 }}",
              ]),
            )
          : piece(
              "statement",
              ...this.#tag(
                `from ${pick(OTHERS)} import ${pick(["hello", "hello as h", "m, c", "m as v", "const, nope", "ctx with context", "c without context", "_private"])}`,
              ),
              pick([
                "{{ hello(2) }}",
                "{{ h(1) }}",
                "{{ m(1) }}{{ c }}",
                "{{ v }}",
                "{{ const }}{{ nope }}",
                "{{ ctx() }}",
                "{{ nope.x }}",
              ]),
            );
      case 18: {
        const name = `b${this.#blocks++}`;
        return piece(
          "statement",
          ...this.#tag(
            `block ${name}${chance(0.3) ? pick([" scoped", " required", " scoped required"]) : ""}`,
          ),
          body(),
          ...this.#tag(pick(["endblock", `endblock ${name}`])),
          chance(0.2) ? `{{ self.${name}() }}` : "",
        );
      }
      case 19:
        return piece(
          "statement",
          ...this.#tag("set ns = namespace(a=", this.#value(1), ")"),
          ...this.#tag("for q in ", this.#value(1, "list")),
          ...this.#tag("set ns.a = ", pick(["ns.a ~ q", "q", "loop.index", "ns.zz"])),
          ...this.#tag("endfor"),
          "{{ ns.a }}",
          chance(0.2) ? "{{ ns }}" : "",
        );
      case 20: {
        const on = pick(["true", "false", "yes", "no"]);
        return piece(
          "statement",
          ...this.#tag(`autoescape ${on}`),
          body(),
          ...this.#tag("endautoescape"),
        );
      }
      default:
        return piece(
          "statement",
          ...this.#tag(
            pick(["set a, b = ", "set a, b, c = ", "set (a, b) = ", "set ns.x = "]),
            this.#value(2, "list"),
          ),
          "{{ a }}{{ b }}",
        );
    }
  }

  #for(depth: number): Piece {
    const { chance, pick } = this.#random;
    const names = [...this.#expressions.names];
    const recursive = chance(0.15);
    const source =
      recursive && chance(0.6)
        ? "tree"
        : this.#value(2, pick(["list", "list", "dict", "str", "any"] as const));
    const target = pick(["x", "x", "x", "x, y", "(x, y)", "x, (y, v)", "v", "name"]);
    const filter = chance(0.2) ? [" if ", pick([this.#value(1), piece("expression", "x")])] : [];
    this.#expressions.names.push(
      "x",
      "x",
      "y",
      "loop.index",
      "loop.index0",
      "loop.revindex",
      "loop.revindex0",
      "loop.first",
      "loop.last",
      "loop.length",
      "loop.cycle('a', 'b')",
      "loop.changed(x)",
      "loop.previtem",
      "loop.nextitem",
      "loop.depth",
      "loop.depth0",
      "loop",
      "loop.zz",
      "loop(x.c)",
      "loop(x)",
      "loop.cycle()",
    );
    const body = this.#body(depth - 1);
    this.#expressions.names.length = 0;
    this.#expressions.names.push(...names);
    const otherwise = chance(0.3) ? [...this.#tag("else"), this.#body(depth - 1)] : [];
    return piece(
      "statement",
      ...this.#tag(`for ${target} in `, source, ...filter, recursive ? " recursive" : ""),
      body,
      recursive && chance(0.7) ? "{{ x.t }}{{ loop(x.c) }}" : "",
      ...otherwise,
      ...this.#tag("endfor"),
    );
  }

  #inheritance(): Piece {
    const { chance, pick } = this.#random;
    const blocks = ["p", "q", "r"];
    const base: (string | Piece)[] = [this.#text()];
    for (const name of blocks) {
      const mode = pick(["", "", "", " scoped", " required"]);
      const inner = mode === " required" ? pick(["", " ", "{# c #}"]) : this.#body(1);
      const tag = [
        ...this.#tag(`block ${name}${mode}`),
        inner,
        ...this.#tag("endblock"),
        this.#text(),
      ];
      if (chance(0.3)) base.push(...this.#tag("for x in items"), ...tag, ...this.#tag("endfor"));
      else base.push(...tag);
    }
    this.#others["base"] = piece("statement", ...base);
    const middle: (string | Piece)[] = ["{% extends 'base' %}"];
    const main: (string | Piece)[] = [
      pick([
        "{% extends 'mid' %}",
        "{% extends 'base' %}",
        "{% extends 'base' if n else 'mid' %}",
        "x{% extends 'mid' %}",
        "{% extends nope %}",
        "{% if n %}{% extends 'base' %}{% endif %}",
      ]),
    ];
    this.#expressions.names.push(
      "super()",
      "self.p()",
      "self.q()",
      "super.super()",
      "super",
      "super().upper()",
      "self.zz",
      "self.r",
    );
    for (const target of [middle, main]) {
      if (chance(0.5)) target.push(...this.#tag(`set ${this.#named("v")} = `, this.#value(1)));
      for (const name of blocks) {
        if (chance(0.5))
          target.push(...this.#tag(`block ${name}`), this.#body(1), ...this.#tag("endblock"));
      }
      target.push(this.#text());
    }
    this.#others["mid"] = piece("statement", ...middle);
    return piece("statement", ...main);
  }
}
