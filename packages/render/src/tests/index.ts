import type { FilterContext, TestFunction } from "../interpreter/environment.ts";
import { binary } from "../values/attributes.ts";
import { compareWith, contains, differs, equals, hashKey, str } from "../values/basics.ts";
import { ComplexValue } from "../values/complex.ts";
import { PyDecimal } from "../values/decimal.ts";
import { PyDict } from "../values/dict.ts";
import { typeError } from "../values/error.ts";
import { Markup } from "../values/markup.ts";
import { bind, parseSignature } from "../values/method.ts";
import { numberOf } from "../values/number-of.ts";
import { isLower, isUpper } from "../values/text-case.ts";
import { Undefined } from "../values/undefined.ts";
import { isFloat, isInt, PyObject, type Value } from "../values/value.ts";

type Body = (value: Value, args: readonly (Value | undefined)[], state: FilterContext) => boolean;

function table(bodies: Readonly<Record<string, Body>>): [string, TestFunction][] {
  return Object.entries(bodies).flatMap(([text, body]) => {
    const [names = "", signatureText = ""] = text.split(/: ?(.*)/s);
    const signature = parseSignature(signatureText);
    const test: TestFunction = (value, call, state) => {
      if (OPERATORS.has(signature.name)) {
        const count = call.args.length + 1;
        if (call.kwargs.size > 0)
          throw typeError(`_operator.${signature.name}() takes no keyword arguments`);
        if (count !== 2) throw typeError(`${signature.name} expected 2 arguments, got ${count}`);
      }
      const takesState = signature.parameters[0]?.name === "env";
      const args = takesState ? [null, value, ...call.args] : [value, ...call.args];
      const owner = signature.name === "callable" ? "" : undefined;
      const bound = bind(signature, { args, kwargs: call.kwargs }, owner);
      const first = takesState ? 1 : 0;
      return body(bound[first] ?? null, bound.slice(first + 1), state);
    };
    return names.split(" ").map((name): [string, TestFunction] => [name, test]);
  });
}

/** Tests that are functions of Python's `operator`. */
const OPERATORS = new Set(["eq", "ne", "gt", "ge", "lt", "le"]);

const SEQUENCES = new Set([
  "list",
  "tuple",
  "_GroupTuple",
  "range",
  "dict",
  "Markup",
  "bytes",
  "Undefined",
]);

const isIterable = (value: Value): boolean =>
  typeof value === "string" || (value instanceof PyObject && value.iterate() !== undefined);

/** Jinja's built-in tests. */
export const builtinTests: ReadonlyMap<string, TestFunction> = new Map(
  table({
    "odd: test_odd(value)": (value) => equals(binary("%", value, 2), 1),
    "even: test_even(value)": (value) => equals(binary("%", value, 2), 0),
    "divisibleby: test_divisibleby(value, num)": (value, [number = 1]) =>
      equals(binary("%", value, number), 0),
    "defined: test_defined(value)": (value) => !(value instanceof Undefined),
    "undefined: test_undefined(value)": (value) => value instanceof Undefined,
    "filter: test_filter(env, value)": (value, _args, state) =>
      hashKey(value) !== undefined && state.run.environment.library.filters.has(str(value)),
    "test: test_test(env, value)": (value, _args, state) =>
      hashKey(value) !== undefined && state.run.environment.library.tests.has(str(value)),
    "none: test_none(value)": (value) => value === null,
    "boolean: test_boolean(value)": (value) => typeof value === "boolean",
    "true: test_true(value)": (value) => value === true,
    "false: test_false(value)": (value) => value === false,
    "integer: test_integer(value)": (value) => isInt(value),
    "float: test_float(value)": (value) => isFloat(value),
    "lower: test_lower(value)": (value) => isLower(str(value)),
    "upper: test_upper(value)": (value) => isUpper(str(value)),
    "string: test_string(value)": (value) => typeof value === "string" || value instanceof Markup,
    "mapping: test_mapping(value)": (value) => value instanceof PyDict,
    "number: test_number(value)": (value) =>
      numberOf(value) !== undefined || value instanceof PyDecimal || value instanceof ComplexValue,
    "sequence: test_sequence(value)": (value) =>
      typeof value === "string" || (value instanceof PyObject && SEQUENCES.has(value.typeName)),
    "iterable: test_iterable(value)": (value) => isIterable(value),
    "callable: callable(obj)": (value) => value instanceof PyObject && value.callable,
    "sameas: test_sameas(value, other)": (value, [other = null]) =>
      value === other || (isInt(value) && isInt(other) && equals(value, other)),
    "escaped: test_escaped(value)": (value) => value instanceof Markup,
    "in: test_in(value, seq)": (value, [sequence = null]) => contains(sequence, value),
    "== eq equalto: eq(a, b)": (value, [other = null]) => equals(value, other),
    "!= ne: ne(a, b)": (value, [other = null]) => differs(value, other),
    "> gt greaterthan: gt(a, b)": (value, [other = null]) => compareWith(">", value, other),
    ">= ge: ge(a, b)": (value, [other = null]) => compareWith(">=", value, other),
    "< lt lessthan: lt(a, b)": (value, [other = null]) => compareWith("<", value, other),
    "<= le: le(a, b)": (value, [other = null]) => compareWith("<=", value, other),
  }),
);
