import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { builtinHandlers } from "./index.ts";

test("the record has every file of the folder, by its name", () => {
  const files = readdirSync(import.meta.dirname)
    .filter((name) => !name.includes(".test.") && name !== "index.ts")
    .map((name) => name.replace(".ts", ""));

  expect(Object.keys(builtinHandlers).sort()).toEqual(files.sort());
  for (const [name, { type }] of Object.entries(builtinHandlers)) expect(type).toBe(name);
});
