// Every configuration variable is in the guide once, with its default, and the guide has no other.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configKeys } from "../packages/spec/src/config/index.ts";

const guide = readFileSync(join(import.meta.dirname, "../docs/guide/configuration.md"), "utf8");
const rows = [...guide.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)].map((match) => match[1] ?? "");

test("docs/guide/configuration.md lists exactly the variables that lava knows", () => {
  expect(rows.toSorted()).toEqual(Object.keys(configKeys).toSorted());
});

test.each(Object.entries(configKeys))("the guide has the default of %s", (name, key) => {
  const otherwise = "defaultText" in key ? key.defaultText : "none";
  const fixed = key.default !== null && typeof key.default !== "function";
  const text = fixed ? `\`${String(key.default).replaceAll("|", "\\|")}\`` : otherwise;

  expect(guide).toContain(`\n| \`${name}\` | `);
  expect(guide.split("\n").find((line) => line.startsWith(`| \`${name}\` | `))).toContain(
    ` | ${text} | `,
  );
});
