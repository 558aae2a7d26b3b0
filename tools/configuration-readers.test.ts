// Every configuration variable is read by something, or is listed as having no effect, with the reason.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configKeys } from "../packages/spec/src/config/index.ts";
import { unreadKeys } from "../packages/spec/src/config/unread-keys.ts";

const root = join(import.meta.dirname, "..");
const sources = globSync("{packages,apps}/*/src/**/*.ts", { cwd: root })
  .filter((file) => !file.includes(".test.") && !file.startsWith("packages/spec/src/config/"))
  .map((file) => readFileSync(join(root, file), "utf8"))
  .join("\n");
const guide = readFileSync(join(root, "docs/guide/configuration.md"), "utf8");
const unreadSection = guide.slice(guide.indexOf("\n## Known, and not read"));

/** `config.KEY`, `{ KEY }`, `{ KEY: name }` or `LAVA_KEY`. */
const isRead = (name: string): boolean =>
  new RegExp(`\\.${name}\\b|\\b${name}(?=\\s*[,}:])|\\bLAVA_${name}\\b`).test(sources);

test.each(Object.keys(configKeys))("%s is read, or said to have no effect", (name) => {
  expect({ isRead: isRead(name), isListed: Object.hasOwn(unreadKeys, name) }).toEqual(
    isRead(name) ? { isRead: true, isListed: false } : { isRead: false, isListed: true },
  );
});

test("the guide lists those without effect apart", () => {
  const rows = [...unreadSection.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)].map((match) => match[1]);

  expect(rows.toSorted()).toEqual(Object.keys(unreadKeys).toSorted());
});
