import { type Piece, piece } from "./piece.ts";
import type { Random } from "./random.ts";

/** Types of expressions that the generator aims at. */
export type Type = "int" | "float" | "str" | "list" | "dict" | "bool" | "any" | "decimal" | "set";

const ATOMS: Readonly<Record<Exclude<Type, "any">, readonly string[]>> = {
  int: ["0", "1", "2", "-3", "7", "10", "12345", "1_000", "0x1f", "0b101", "0o17", "n", "neg", "zero", "big", "true", "255", "97", "2**70", "10**18", "9007199254740993"],
  float: ["0.0", "1.0", "2.5", "-0.5", "1e3", "1e-5", "0.1", "3.999", "1e17", "f", "whole", "tiny", "123456.789", "-1e-7", "1.5e300", "0.5", "1e22", "2.675", "-0.0", "1e16", "5e-324"],
  str: ["'a'", "'Hello World'", "''", "'a,b,,c'", "'  pad '", "'3'", "'-7.5'", "'1e3'", "'<b>&\"'", "'Ünï'", "'a\\nb\\n\\nc'", "'abcABC'", "name", "text", "html", "unicode", "empty", "'x1y2'", "'it\\'s'", "\"q'\"", "'\\t\\\\'", "'ß ǆ ŉ'", "'0x1F'", "'%s'", "'{}'", "'a-b_c d.e'", "'😀é'", "'1_0'", "' 12 '", "'tab\\tx'", "'a b' 'c'", "'ΑΣ'", "'\\x00\\x7f\\xa0\\u2028'", "'they\\'re bill\\'s'"],
  list: ["items", "words", "[]", "[1, 2, 3]", "['a', 'b']", "[1, 'x', none, 2.5]", "(1, 2)", "(1,)", "()", "pairs", "nested", "[true, false]", "['b', 'A', 'a', 'B']", "[[1, 2], [3]]", "[1, 1.0, true, 2]", "[0.1, 0.2, 0.3]", "range(5)", "range(3, -4, -2)", "users", "['', 'a', none, 0]"],
  dict: ["map", "{}", "{'a': 1}", "{'b': 2, 'a': [1]}", "{1: 'x', 'k': none}", "deep", "clash", "users[0]", "dict(a=1, b='z')", "{(1, 2): 3, none: 4, 1.5: 5}", "{'B': 1, 'a': 3, 'C': 2}"],
  bool: ["true", "false", "yes", "no", "True", "False"],
  decimal: ["d1", "d2", "d3", "(d1 / d3)", "(d2 * d2)"],
  set: ["tags"],
};

const ODD = ["none", "nothing", "undef", "undef.x", "deep.x.y.zz", "blob", "range(4)", "loop", "namespace(a=1)", "start.year", "cycler('a', 'b')", "joiner('; ')", "map.items()", "map.keys()", "map.values()", "words|map('upper')", "self", "range", "'a'|safe"];

/** How an expression of a type can be made of others: `$t` is an expression, `$s` a str, and so on. */
const FORMS: Readonly<Record<Exclude<Type, "any">, readonly string[]>> = {
  int: [
    "($i + $i)", "($i - $i)", "($i * $i)", "($i // $i)", "($i % $i)", "($i ** 2)", "(-$i)", "(+$i)", "$t|length", "$l|length", "$s|length", "$t|int", "$s|int", "$s|int(-1)", "$s|int(0, 16)", "$s|int($i, 2)", "$f|int", "$s|wordcount",
    "($s).find($s)", "($s).count($s)", "($s).index($s)", "($s).rfind($s)", "($s).find($s, $i)", "($s).find($s, $i, $i)", "($s).count($s, $i)", "($s).rindex($s)", "$l|sum", "($l).index($t)", "($l).count($t)", "$i|abs", "$i|round|int", "($i).bit_length()", "$l|first", "$l|last", "$l|max", "$l|min", "($d).get($s, $i)", "$l|count", "($i).real", "($i).numerator", "($i).bit_count()", "($i).conjugate()", "($i).denominator", "($i).imag",
    "$x", "$m",
  ],
  float: [
    "($f + $n)", "($n - $f)", "($f * $n)", "($n / $n)", "($f // $n)", "($f % $n)", "($f ** $i)", "($n ** $f)", "(-$f)", "$f|round", "$f|round($i)", "$n|round(2)", "$f|round(1, 'ceil')", "$f|round(1, 'floor')", "$n|round($i, 'floor')", "$s|float", "$s|float(1.5)", "$t|float", "$i|float", "$f|abs", "$l|sum", "($f).real", "($f).hex()", "($f).as_integer_ratio()", "($f).is_integer()", "($i).as_integer_ratio()", "($f).conjugate()", "($f).imag",
  ],
  str: [
    "($s + $s)", "($s ~ $t)", "($t ~ $t ~ $t)", "($s * $k)", "$s|upper", "$s|lower", "$s|title", "$s|capitalize", "$s|trim", "$s|trim($s)", "$s|replace($s, $s)", "$s|replace('a', $t, $k)", "$s|truncate($w)", "$s|truncate($w, $b)", "$s|truncate($w, $b, $s, $k)", "$s|center($w)", "$s|indent", "$s|indent($k)", "$s|indent($k, $b, $b)", "$s|indent($s)", "$s|wordwrap($w)", "$s|wordwrap($w, $b)", "$s|wordwrap($w, $b, '+')", "$s|wordwrap($w, break_on_hyphens=$b)", "$t|string", "$t|e", "$s|escape", "$s|forceescape", "$s|safe", "$s|striptags", "$s|urlencode", "$d|urlencode", "$l|urlencode", "$s|urlize", "$s|urlize($w, true)", "$t|tojson", "$t|tojson($k)", "$t|tojson(indent=2)", "$t|pprint", "$d|xmlattr", "$d|xmlattr(false)", "$n|filesizeformat", "$n|filesizeformat(true)", "$l|join", "$l|join($s)", "$l|join(',', attribute=$p)", "$t|default($s)", "$t|default($s, true)", "$t|d('x', boolean=$b)",
    "($s).upper()", "($s).lower()", "($s).strip()", "($s).strip($s)", "($s).lstrip()", "($s).rstrip($s)", "($s).title()", "($s).zfill($w)", "($s).center($w, '*')", "($s).ljust($w)", "($s).rjust($w, $s)", "($s).replace($s, $s)", "($s).replace($s, $s, $k)", "($s).swapcase()", "($s).capitalize()", "($s).casefold()", "($s).expandtabs($k)", "($s).removeprefix($s)", "($s).removesuffix($s)", "($s).join($l)", "($s).format($t)", "($s).format($t, $t)", "($s).translate({97: 'X', 98: none})", "($s)[$x]", "($s)[$c]", "$l|first|string", "$s|reverse", "$s|first", "$s|last", "$s|random|length", "($s).encode().decode()", "($s).format_map($d)", "($s).encode('latin-1', 'replace')", "$t|replace($s, $s)", "$t|upper", "$t|trim", "$t|title", "$t|center", "$t|striptags", "$t|urlize", "$t|indent", "$t|truncate", "($s % $t)", "($s % ($t, $t))", "$s|format($t)", "$s|format(a=$t)", "$F", "$P", "$m",
  ],
  list: [
    "[$t, $t]", "[$t, $t, $t]", "($t, $t)", "($l + $l)", "($l * $k)", "$l|sort", "$l|sort(true)", "$l|sort(reverse=$b, case_sensitive=$b)", "$l|sort(attribute=$p)", "users|sort(attribute='age,name')", "$l|list", "$s|list", "$d|list", "$l|reverse|list", "$l|unique|list", "$l|unique(true)|list", "$l|unique(attribute=$p)|list", "$l|batch($k)|list", "$l|batch($k, $t)|list", "$l|slice($k)|list", "$l|slice($k, $t)|list", "$l|map('upper')|list", "$l|map('string')|list", "$l|map(attribute=$p)|list", "$l|map(attribute=$p, default=$t)|list", "$l|map('default', $t)|list", "$l|map('int')|list", "$l|select|list", "$l|reject|list", "$l|select('odd')|list", "$l|reject('string')|list", "$l|select('gt', $i)|list", "$l|select('in', $l)|list", "$l|selectattr($p)|list", "$l|selectattr($p, 'eq', $t)|list", "$l|rejectattr($p)|list", "users|selectattr('age', '>', $i)|map(attribute='name')|list", "users|groupby($p)|list", "$l|groupby(0)|list", "users|groupby('city', case_sensitive=$b)|map('first')|list", "users|groupby($p, default=$t)|list", "$d|dictsort", "$d|dictsort($b, 'value')", "$d|dictsort(reverse=true)", "$d|dictsort(by='value', reverse=$b)", "$d|items|list", "($d).keys()|list", "($d).values()|list", "($d).items()|list", "($s).split()", "($s).split($s)", "($s).split($s, $k)", "($s).rsplit($s, $k)", "($s).rsplit()", "($s).splitlines()", "($s).splitlines($b)", "($s).partition($s)", "($s).rpartition($s)", "($l)[$c]", "($l)[$x]", "($l).copy()", "$t|list", "$l|map('length')|list", "$l|map('join', '-')|list", "$l|map('round', 1)|list", "$l|map('first')|list", "$l|map('tojson')|list", "$l|select('defined')|list", "$l|select('none')|list", "$l|select($e)|list", "$l|map($e)|list", "range($k)|list", "range($i, $i)|list", "range($k, $w, $k)|list", "$m",
  ],
  dict: ["{'k': $t}", "{$t: $t}", "{$s: $t, 'z': $t}", "dict($d, z=$t)", "dict($l)", "($d).copy()", "dict($d.items())", "{}.fromkeys($l, $t)", "($d|items|list)|first", "users[$x]", "($d | d({}))", "$m"],
  bool: [
    "($t == $t)", "($t != $t)", "($n < $n)", "($n <= $n < $n)", "($s < $s)", "($l < $l)", "($t > $t)", "($t in $l)", "($s in $s)", "($s not in $d)", "($t in $t)", "(not $t)", "($t and $t)", "($t or $t)", "($t is defined)", "($t is undefined)", "($t is none)", "($t is string)", "($t is number)", "($t is integer)", "($t is float)", "($t is boolean)", "($t is sequence)", "($t is mapping)", "($t is iterable)", "($i is odd)", "($i is even)", "($i is divisibleby $k)", "($t is in $l)", "($t is eq $t)", "($t is sameas $t)", "($n is lt $n)", "($n is ge($n))", "($s is upper)", "($s is lower)", "($t is true)", "($t is false)", "($t is callable)", "($t is escaped)", "($t is not none)", "($e is filter)", "($e is test)", "($t is $q)",
    "($s).startswith($s)", "($s).endswith($s)", "($s).startswith(($s, $s))", "($s).startswith($s, $k)", "($s).isdigit()", "($s).isalpha()", "($s).isalnum()", "($s).isupper()", "($s).islower()", "($s).istitle()", "($s).isspace()", "($s).isnumeric()", "($s).isdecimal()", "($s).isidentifier()", "($s).isprintable()", "($s).isascii()",
  ],
  decimal: ["($D + $D)", "($D - $i)", "($D * $D)", "($D / $D)", "($D // $D)", "($D % $D)", "($D ** $k)", "(-$D)", "$D|round($k)", "$D|abs", "($D + $f)", "$D|round", "[$D, $D]|sum", "[$D, $D]|max"],
  set: ["($S).intersection($S)", "($S).difference($l)", "($S | list)", "($S).copy()", "($S).issubset($l)", "($S).isdisjoint($l)", "($S == $S)", "($S - $S)"],
};

const PATHS = ["'name'", "'age'", "'city'", "0", "1", "'a'", "'0'", "'zz'", "'x.y'", "'active'", "'name.zz'", "'1.0'", "none", "''"];
const NAMES = ["'upper'", "'odd'", "'string'", "'nope'", "'defined'", "'number'", "'sum'", "'list'", "'attr'", "'none'", "'lower'", "'length'", "'int'"];
const TESTS = ["defined", "divisibleby 3", "in [1, 2]", "eq 1", "lt 5", "sameas none", "sequence", "not defined", "nope", "divisibleby(2)", "in 'abc'", "gt $n", "ne $t"];
const MEMBERS = [".a", "['a']", ".name", ".items", ".zz", "['items']", "[$t]", "[0]", "[-1]", ".x.y", ".0", ".upper", "|attr('name')", "|attr($s)", ".get('a')", ".get($s)", ".keys()", "()", "($t)", "(a=$t)", ".pop", ".real", ".append", ".split", ".index"];
const SLICES = [":", "$i:", ":$i", "$i:$i", "::2", "::-1", "$i:$i:$i", "-2:", ":-1", "1:3", "none:none:none", "::$k"];
const ALIGN = ["", "<", ">", "^", "=", "*^", "0>", "é<", "x=", "{>"];
const SPEC_TYPES = ["", "d", "f", ".2f", ".0f", "e", ".3e", "g", ".3g", "G", "E", "%", ".1%", "x", "X", "#x", "o", "#o", "b", "#b", "c", "s", ".3", ".3s", "n", ",", ",d", ",.2f", "_", "_d", "_x", "_b", "F", "#g", "q", "#.0f", ".0e", "r"];
const PERCENT_TYPES = ["d", "i", "u", "s", "r", "f", ".2f", "5.1f", "e", "g", ".3g", "G", "x", "X", "o", "c", "%", "a", "10s", "-10s|", "05d", "+d", " d", "#x", "#o", ".3s", "6.2f", "-6d|", "*d", ".*f", "ld", "q", "#.3g", "08.3f", "+.1e", ".0f", "3c", ".5d", "#X"];

/** Makes random expressions. */
export class ExpressionGenerator {
  readonly #random: Random;
  /** Names that statements assigned. */
  readonly names: string[] = [];

  constructor(source: Random) {
    this.#random = source;
  }

  /** An expression, usually of the type, at most `depth` deep. */
  of(type: Type, depth: number): Piece {
    const { chance, pick } = this.#random;
    if (type === "any") {
      if (chance(0.08)) return piece("expression", pick(ODD));
      if (this.names.length > 0 && chance(0.25)) return piece("expression", pick(this.names));
      return this.of(pick(["int", "int", "float", "str", "str", "str", "list", "list", "dict", "bool", "decimal", "set"] as const), depth);
    }
    if (chance(0.04)) return this.of("any", depth);
    if (depth <= 0 || chance(0.1)) {
      if (this.names.length > 0 && chance(0.2)) return piece("expression", pick(this.names));
      return piece("expression", pick(ATOMS[type]));
    }
    if (chance(0.04)) return this.#fill("($t if $t else $t)", depth - 1);
    if (chance(0.02)) return this.#fill("($t if $b)", depth - 1);
    return this.#fill(pick(FORMS[type]), depth - 1);
  }

  /** Replaces the `$` marks of a form. */
  #fill(form: string, depth: number): Piece {
    const parts = form.split(/(\$[a-zA-Z])/).map((part): string | Piece => {
      if (!/^\$[a-zA-Z]$/.test(part)) return part;
      return this.#mark(part.slice(1), depth);
    });
    return piece("expression", ...parts);
  }

  #mark(mark: string, depth: number): string | Piece {
    const { chance, int, pick } = this.#random;
    switch (mark) {
      case "i":
        return this.of("int", depth);
      case "f":
        return this.of("float", depth);
      case "n":
        return this.of(chance(0.5) ? "int" : "float", depth);
      case "s":
        return this.of("str", depth);
      case "l":
        return this.of("list", depth);
      case "d":
        return this.of("dict", depth);
      case "b":
        return this.of("bool", depth);
      case "D":
        return this.of("decimal", depth);
      case "S":
        return this.of("set", depth);
      case "t":
        return this.of("any", depth);
      case "k":
        return piece("expression", chance(0.1) ? pick(["-1", "none", "'x'", "1.0"]) : String(int(5)));
      case "w":
        return piece("expression", String(int(30)));
      case "p":
        return pick(PATHS);
      case "e":
        return pick(NAMES);
      case "q":
        return this.#fill(pick(TESTS), depth);
      case "x":
        return chance(0.7) ? pick(["0", "-1", "1", "2", "'a'", "'name'"]) : this.of("any", depth);
      case "c":
        return this.#fill(pick(SLICES), 0);
      case "m":
        return this.#fill(`($t)${pick(MEMBERS)}${chance(0.3) ? pick(MEMBERS) : ""}`, depth);
      case "F":
        return this.#format(depth);
      default:
        return this.#percent(depth);
    }
  }

  #format(depth: number): Piece {
    const { chance, pick, int } = this.#random;
    const width = chance(0.6) ? String(int(14)) : "";
    const sign = chance(0.25) ? pick(["+", "-", " "]) : "";
    const zero = chance(0.15) ? "0" : "";
    const type = pick(SPEC_TYPES);
    const spec = type.startsWith("#")
      ? `${pick(ALIGN)}${sign}#${zero}${width}${type.slice(1)}`
      : `${pick(ALIGN)}${sign}${zero}${width}${type}`;
    const conversion = chance(0.15) ? pick(["!r", "!s", "!a", "!x"]) : "";
    const field = chance(0.8) ? "" : pick(["0", "a", "1", "0.real", "0[0]", "0[a]", "0.zz", "a.name"]);
    const value = this.of(pick(["int", "float", "str", "any", "decimal"] as const), depth);
    return piece("expression", `'{${field}${conversion}:${spec}}'.format(`, value, chance(0.2) ? ", a=users[0])" : ")");
  }

  #percent(depth: number): Piece {
    const { chance, pick } = this.#random;
    const value = this.of(pick(["int", "float", "str", "any", "decimal"] as const), depth);
    if (chance(0.15)) return piece("expression", `('%(a)${pick(PERCENT_TYPES)}' % {'a': `, value, "})");
    if (chance(0.3)) {
      const second = this.of("any", depth);
      return piece("expression", `('%${pick(PERCENT_TYPES)} %${pick(PERCENT_TYPES)}' % (`, value, ", ", second, "))");
    }
    return piece("expression", `('%${pick(PERCENT_TYPES)}' % `, value, ")");
  }
}
