import { LavaError } from "@lava/core";
import { expect, test } from "vitest";
import { createRenderer } from "../src/index.ts";

const templates: Readonly<Record<string, string>> = {
  "broken.html": "fine\n{{ oops\n",
  "fails.html": "fine\n\n  {{ 1 // zero }}",
  "required.html": "{% block must required %}{% endblock %}",
  "macros.html": "{% macro divide(a, b) %}\n{{ a / b }}{% endmacro %}",
};

const renderer = createRenderer({
  loader: (name) => {
    const source = Object.hasOwn(templates, name) ? templates[name] : undefined;
    return source === undefined ? undefined : { name, source };
  },
});

function failure(template: string): LavaError {
  try {
    renderer.render(template, { zero: 0, job: { job_id: "app/one" } }, { name: "job.yaml" });
  } catch (error) {
    if (error instanceof LavaError) return error;
    throw error;
  }
  throw new Error("this template has no fault");
}

test.each([
  // Faults of the text.
  ["{{ 1 +", "unexpected 'end of template' (job.yaml, line 1, column 7: {{ 1 +)"],
  ["{{ 'a }}", "unexpected char \"'\" at 3 (job.yaml, line 1, column 4: {{ 'a }})"],
  ["{{ (1] }}", "unexpected ']', expected ')' (job.yaml, line 1, column 6: {{ (1] }})"],
  [
    "a\n{% fro x in y %}",
    "Encountered unknown tag 'fro'. (job.yaml, line 2, column 4: {% fro x in y %})",
  ],
  [
    "{% if x %}",
    "Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or " +
      "'endif'. The innermost block that needs to be closed is 'if'. (job.yaml, line 1, column 11: {% if x %})",
  ],
  ["{{ 1|nope }}", "No filter named 'nope'. (job.yaml, line 1, column 6: {{ 1|nope }})"],
  ["{{ 1 is nope }}", "No test named 'nope'. (job.yaml, line 1, column 6: {{ 1 is nope }})"],
  ["{# open", "Missing end of comment tag (job.yaml, line 1, column 1: {# open)"],
  ["{% raw %} x", "Missing end of raw directive (job.yaml, line 1, column 1: {% raw %} x)"],
  ["{% set 1 = 2 %}", "can't assign to 'const' (job.yaml, line 1, column 8: {% set 1 = 2 %})"],
  [
    "{% block a %}{% endblock %}{% block a %}{% endblock %}",
    "block 'a' defined twice (job.yaml, line 1, column 31: {% block a %}{% endblock %}{% block a %}{% endblock %})",
  ],
  // Undefined.
  ["\n{{ x.y }}", "'x' is undefined (job.yaml, line 2, column 5: {{ x.y }})"],
  [
    "{{ job.nope.x }}",
    "'dict object' has no attribute 'nope' (job.yaml, line 1, column 12: {{ job.nope.x }})",
  ],
  ["{{ none.x.y }}", "'None' has no attribute 'x' (job.yaml, line 1, column 10: {{ none.x.y }})"],
  // Types, values, arithmetic.
  [
    "{{ 'a' + 1 }}",
    "can only concatenate str (not \"int\") to str (job.yaml, line 1, column 8: {{ 'a' + 1 }})",
  ],
  [
    "{{ 1 // zero }}",
    "integer division or modulo by zero (job.yaml, line 1, column 6: {{ 1 // zero }})",
  ],
  [
    "{{ 1 < 'a' }}",
    "'<' not supported between instances of 'int' and 'str' (job.yaml, line 1, column 4: {{ 1 < 'a' }})",
  ],
  ["{{ zero() }}", "'int' object is not callable (job.yaml, line 1, column 8: {{ zero() }})"],
  [
    "{% for x in 1 %}{% endfor %}",
    "'int' object is not iterable (job.yaml, line 1, column 4: {% for x in 1 %}{% endfor %})",
  ],
  [
    "{{ '{:d}'.format('a') }}",
    "Unknown format code 'd' for object of type 'str' (job.yaml, line 1, column 17: {{ '{:d}'.format('a') }})",
  ],
  ["{{ {}.pop('k') }}", "'k' (job.yaml, line 1, column 10: {{ {}.pop('k') }})"],
  // Security.
  [
    "{{ job.__class__ }}",
    "access to attribute '__class__' of 'dict' object is unsafe. (job.yaml, line 1, column 7: {{ job.__class__ }})",
  ],
  // Calls.
  [
    "{{ 'a'.upper(1) }}",
    "str.upper() takes no arguments (1 given) (job.yaml, line 1, column 13: {{ 'a'.upper(1) }})",
  ],
  [
    "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
    "macro 'm' takes not more than 1 argument(s) (job.yaml, line 1, column 35: {% macro m(a) %}{% endmacro %}{{ m(1, 2) }})",
  ],
  // Other templates.
  ["{% include 'nope' %}", "nope (job.yaml, line 1, column 4: {% include 'nope' %})"],
  [
    "{% include ['a', 'b'] %}",
    "none of the templates given were found: a, b (job.yaml, line 1, column 4: {% include ['a', 'b'] %})",
  ],
  [
    "{% include 'broken.html' %}",
    "unexpected end of template, expected 'end of print statement'. (broken.html, line 2, column 8: {{ oops)",
  ],
  [
    "x\n{% include 'fails.html' %}",
    "integer division or modulo by zero (fails.html, line 3, column 8: {{ 1 // zero }})",
  ],
  [
    "{% from 'macros.html' import divide %}\n{{ divide(1, 0) }}",
    "division by zero (macros.html, line 2, column 6: {{ a / b }}{% endmacro %})",
  ],
  [
    "{% extends 'required.html' %}",
    "Required block 'must' not found (required.html, line 1, column 4: {% block must required %}{% endblock %})",
  ],
])("%j says what is wrong, and where", (template, message) => {
  expect(failure(template).message).toBe(message);
});

test("an error has code, file, line, column, excerpt and cause", () => {
  const error = failure("one\n  {{ job.nope.x }} three");

  expect(error).toMatchObject({
    code: "TEMPLATE_ERROR",
    kind: "failure",
    issues: [
      {
        path: [],
        code: "template_error",
        file: "job.yaml",
        line: 2,
        column: 14,
        message: "'dict object' has no attribute 'nope'",
      },
    ],
    data: { excerpt: "{{ job.nope.x }} three" },
    cause: { type: "UndefinedError" },
  });
});
