import { expect, test } from "vitest";
import { yamlStyle } from "./yaml-style.ts";

const codes = (text: string): string[] =>
  yamlStyle(text).map(
    ({ code, line, column }) => `${code.slice("yaml_".length)} ${line}:${column}`,
  );

test("a sound text has no remarks", () => {
  const text = `# Head
job_id: a/b
list:
  - one
  - two: {a: 1, b: [x, y]}
text: |
  #no comment
     deeper
# between
last: "yes"
`;
  expect(yamlStyle(text)).toEqual([]);
});

test.each([
  ["a: 1  \n", ["trailing_spaces 1:5"]],
  ["a: 1", ["new_line_at_end_of_file 1:5"]],
  ["a: 1\n\n\n\nb: 2\n", ["empty_lines 4:1"]],
  ["\na: 1\n", ["empty_lines 1:1"]],
  ["a: 1\n\n", ["empty_lines 2:1"]],
  ["a: 1\r\nb: 2\r\n", ["new_lines 1:5"]],
  ["a:\n  -  x\n", ["hyphens 2:4"]],
  ["a:\n- x\n", ["indentation 2:1"]],
  ["a:\n  b: 1\nc:\n    d: 1\n", ["indentation 4:5"]],
  ["a: [   x]\n", ["brackets 1:5"]],
  ["a: {b: 1    }\n", ["braces 1:9"]],
  ["a: [x,y]\n", ["commas 1:6"]],
  ["a: [x , y]\n", ["commas 1:6"]],
  ["a : 1\n", ["colons 1:2"]],
  ["a: yes\n", ["truthy 1:4"]],
  ["a: 010\n", ["octal_values 1:4"]],
  ["a:\nb: 1\n", ["empty_values 1:1"]],
  ["a: {b: }\n", ["empty_values 1:5"]],
  ["#x\na: 1\n", ["comments 1:1"]],
  ["a: 1 # x\n", ["comments 1:6"]],
  ["a: 1\n   # x\nb: 2\n", ["comments_indentation 2:4"]],
  ["a: yes  # yamllint disable-line rule:truthy\n", []],
  ["# yamllint disable\na: yes \n", []],
] as const)("%j", (text, expected) => {
  expect(codes(text)).toEqual(expected);
});
