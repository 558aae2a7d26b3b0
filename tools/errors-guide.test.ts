// Every code of a LavaError is listed in the guide, and the guide lists no code that does not exist.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

test("docs/guide/errors.md lists exactly the codes that the sources throw", () => {
  const files = globSync("{packages,apps}/*/src/**/*.ts", { cwd: root }).filter(
    (file) => !file.endsWith(".test.ts"),
  );
  const thrown = new Set(
    files.flatMap((file) =>
      [
        ...readFileSync(join(root, file), "utf8").matchAll(
          /new LavaError\(\s*"([A-Z][A-Z0-9_]+)"/g,
        ),
      ].map((match) => match[1] ?? ""),
    ),
  );
  const guide = readFileSync(join(root, "docs/guide/errors.md"), "utf8");
  const listed = [...guide.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)].map((match) => match[1] ?? "");

  expect(listed.toSorted()).toEqual([...thrown].toSorted());
});
