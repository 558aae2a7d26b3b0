import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { matchExtGlob } from "./ext-glob.ts";

const PATTERNS = [
  ...["*", "*.csv", "a/*.csv", "?.csv", "[ab].csv", "[!ab].csv", "[^a].csv", "[a-c]?", "[z-a]"],
  ...["@(a|b).csv", "?(a).csv", "+(a).csv", "*(ab).csv", "!(a).csv", "!(*.csv)", "!(*.csv|*.txt)"],
  ...[
    "a/@(x|y)/*",
    "+([0-9]).csv",
    "*(a|b*)c",
    "@(a",
    "a|b",
    "(a)",
    "\\*",
    "[",
    "a[]]b",
    "!",
    "@()",
  ],
  ...["+(@(a|b)c)", "x!(y)z", "*+(a)", ""],
];
const TEXTS = [
  ...[
    "",
    "a",
    "b",
    "a.csv",
    "b.csv",
    "c.csv",
    "aa.csv",
    "abab.csv",
    ".csv",
    "a/b.csv",
    "a/x/c.txt",
  ],
  ...["123.csv", "abc", "ac", "bbc", "a]b", "*", "(a)", "a|b", "[", "acbc", "xyz", "xz", "x1z"],
  ...["@(a", "!", "z", "a b.csv", "é", "aaa", "c"],
];

test("a pattern matches what bash says it matches, slashes and all (CLI-205)", () => {
  const script = `shopt -s extglob
while IFS= read -r p && IFS= read -r t; do [[ $t == $p ]] && echo yes || echo no; done`;
  const pairs = PATTERNS.flatMap((pattern) => TEXTS.map((text) => [pattern, text] as const));
  const bash = spawnSync("bash", ["-c", script], {
    input: pairs.map(([pattern, text]) => `${pattern}\n${text}\n`).join(""),
    encoding: "utf8",
    env: { LC_ALL: "C.UTF-8", PATH: process.env["PATH"] },
  });

  const ours = pairs.map(([pattern, text]) => (matchExtGlob(pattern, text) ? "yes" : "no"));
  const differing = pairs.filter((_pair, at) => bash.stdout.split("\n")[at] !== ours[at]);

  expect(differing).toEqual([]);
});
