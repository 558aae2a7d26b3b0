import { LavaError } from "@lava/core";
import { createRenderer } from "@lava/render";
import { parseRealmRecord } from "@lava/spec";
import { expect, test } from "vitest";
import { testContext } from "../../test/handler-context.ts";
import { toTemplateContext } from "../template-context.ts";
import { cutPieces } from "./cut-pieces.ts";
import { belowPath, createFieldRenderer } from "./field-renderer.ts";

const record = parseRealmRecord({ realm: "r", s3_payloads: "s3://b/p", s3_temp: "s3://b/t" });

function fieldRenderer(onUndefined?: Parameters<typeof createFieldRenderer>[2]) {
  const { context } = testContext("log", { payload: null });
  return createFieldRenderer(
    createRenderer(),
    toTemplateContext(context.job, { record }),
    onUndefined,
  );
}

function failure(work: () => unknown): LavaError {
  try {
    work();
  } catch (error) {
    if (error instanceof LavaError) return error;
  }
  throw new Error("it did not fail");
}

test("an error keeps Jinja's message and names the field, line, column and excerpt", () => {
  const error = failure(() =>
    fieldRenderer().render("a {{ nope.x }}", {}, { path: ["parameters", "args", 2] }),
  );

  expect(error.message).toMatch(
    /^'nope' is undefined \(parameters\.args\[2\], line 1, column \d+: a \{\{ nope\.x \}\}\)$/,
  );
  expect(error.issues).toMatchObject([
    { path: ["parameters", "args", 2], message: "'nope' is undefined", line: 1 },
  ]);
});

test("what stands in the field before the template counts", () => {
  const text = "one\ntwo {{ nope.x }}";
  const [, , word] = cutPieces(text, ["one", "two", "{{ nope.x }}"], ["payload"]);

  const alone = failure(() => fieldRenderer().render("{{ nope.x }}")).issues[0]?.column ?? 0;
  const error = failure(() => fieldRenderer().render(word?.text ?? "", {}, word?.place));

  expect(error.issues).toMatchObject([{ path: ["payload"], line: 2, column: alone + 4 }]);
  expect(error.message).toContain(`(payload, line 2, column ${alone + 4}: {{ nope.x }})`);
});

test("a fault inside of a structure has the path of its text (WK-135)", () => {
  const error = failure(() =>
    fieldRenderer().renderJson({ a: ["ok", "{{ nope.x }}"] }, {}, { path: ["event_log"] }),
  );

  expect(error.message).toMatch(
    /^'nope' is undefined \(event_log\.a\[1\], line 1, column \d+: \{\{ nope\.x \}\}\)$/,
  );
});

test("the templates of an action are below the action's place", () => {
  const renderer = belowPath(fieldRenderer(), ["on_fail", 1]);

  const error = failure(() => renderer.render("{{ nope.x }}", {}, { path: ["message"] }));

  expect(error.message).toContain("(on_fail[1].message, line 1");
});

test("an undefined value that is printed is told with its field", () => {
  const issues: unknown[] = [];
  const renderer = fieldRenderer((issue) => issues.push(issue));

  expect(renderer.render("<{{ nope }}>", {}, { path: ["payload"], line: 3, column: 5 })).toBe("<>");
  expect(issues).toMatchObject([{ path: ["payload"], line: 3, message: "'nope' is undefined" }]);
});
