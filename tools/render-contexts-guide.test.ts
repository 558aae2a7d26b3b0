// The guide lists every field that is a template, as the sources have them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withTables } from "./render-contexts-guide.ts";

test("docs/guide/templates.md has the render contexts of packages/spec (tools/render-contexts-guide.ts writes them)", () => {
  const guide = readFileSync(join(import.meta.dirname, "../docs/guide/templates.md"), "utf8");

  expect(withTables(guide)).toBe(guide);
});
