import { expect, test } from "vitest";
import { lineMap } from "./line-map.ts";

const TEMPLATE = `# <% if x %>
a: <{ one }>
b: 2
# <% endif %>
<% for i in list %>
c<{ i }>: 1
<% endfor %>
d: 4
`;

const RENDERED = `# \na: many words\nb: 2\n# \n\nc1: 1\n\nc2: 1\n\nd: 4`;

test.each([
  [2, 2, undefined],
  [3, 3, 3],
  [6, 6, undefined],
  [8, 6, undefined],
  [10, 8, 3],
])("line %i of the rendered text is line %i of the template", (line, source, column) => {
  const at = lineMap(TEMPLATE, RENDERED)({ line, column: 3 });

  expect(at.line).toBe(source);
  expect(at.column).toBe(column);
});
