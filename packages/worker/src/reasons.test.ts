import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { reasons } from "./reasons.ts";

test("the guide lists every reason with its meaning", () => {
  const guide = readFileSync(new URL("../../../docs/guide/worker.md", import.meta.url), "utf8");
  const rows = [...guide.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, word, text]) => [
    word,
    text,
  ]);

  expect(rows).toEqual(expect.arrayContaining(Object.entries(reasons)));
});
