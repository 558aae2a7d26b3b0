import { expect, test } from "vitest";
import { findUndefinedNames } from "./undefined-names.ts";

const context = { globals: { a: { b: 1 }, list: [1] }, state: { "x/y": null }, n: null };

test.each([
  ["{{ nope }}", ["'nope' is undefined"]],
  ["{% if 1 == 2 %}{{ nope.x.y }}{% endif %}", ["'nope' is undefined"]],
  ["{% for x in nope %}{{ x }}{% endfor %}", ["'nope' is undefined"]],
  ["{{ globals.c }}", ["'dict object' has no attribute 'c'"]],
  ["{{ globals['c'].d }}", ["'dict object' has no attribute 'c'"]],
  ["{{ globals.a.c | upper }}", ["'dict object' has no attribute 'c'"]],
  ["{{ state['x/z'] }}", ["'dict object' has no attribute 'x/z'"]],
  ["{{ globals[nope].x }}", ["'nope' is undefined"]],
  ["{{ nope ~ n }} {{ f(n) }}", ["'nope' is undefined", "'f' is undefined"]],
])("%s reads %j, which are not there", (source, messages) => {
  expect(findUndefinedNames(source, context).map(({ message }) => message)).toEqual(messages);
});

test.each([
  "{{ n }} {{ globals.a.b }} {{ state['x/y'] }} {{ globals.list[0].x }} {{ n.x }}",
  "{{ nope is defined }} {{ nope | default(1) }} {{ globals.c | d('x') }}",
  "{% if nope %}{{ nope.x }}{% endif %}{{ globals.c and globals.c.d }}",
  "{{ globals.get('c') }}{% for k in globals.keys() %}{{ k }}{% endfor %}",
  "{% set x = 1 %}{{ x }}{% for i in range(3) %}{{ loop.index }}{{ i }}{% endfor %}",
  "{% macro m(p, q=1) %}{{ p }}{{ q }}{{ varargs }}{{ caller() }}{% endmacro %}{{ m(1) }}",
  "{% with w = 1, v = 2 %}{{ w + v }}{% endwith %}{% set ns = namespace(t=1) %}{{ ns.t }}",
  "{% import 'x' as y %}{% from 'x' import a as b %}{{ y }}{{ b }}{% set q %}z{% endset %}{{ q }}",
  "{{ broken",
  "{{ globals[n].x }}",
])("%s has all that it needs", (source) => {
  expect(findUndefinedNames(source, context)).toEqual([]);
});

test("a name has its line and column", () => {
  expect(findUndefinedNames("a\nb {{ nope }}", context)).toMatchObject([{ line: 2, column: 6 }]);
});
