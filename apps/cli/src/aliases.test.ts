import { expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { aliasNames, resolveAlias } from "./aliases.ts";

test.each([
  ["/usr/bin/jinja", ["-p", "a=1", "x"], { name: "jinja", argv: ["jinja", "-p", "a=1", "x"] }],
  ["/x/dist/lava-new.js", ["p"], { name: "lava-new", argv: ["new", "p"] }],
  ["/x/dist/lava.js", ["lava-new", "p"], { name: "lava-new", argv: ["new", "p"] }],
  ["lava-worker", ["-v"], { name: "lava-worker", argv: ["worker", "-v"] }],
  ["s3lambda", ["-z", "b", "p"], { name: "s3lambda", argv: ["s3lambda", "-z", "b", "p"] }],
  ["s3lambda", ["-v"], { name: "s3lambda", argv: ["s3lambda", "-v"] }],
  ["lava-new", ["-v"], { name: "lava-new", argv: ["--version"] }],
  [
    "lava-dispatcher",
    ["-c", "--level", "warning", "--log=x", "-r", "dev", "-p", "-l=1", "-w", "core", "a/b"],
    {
      name: "lava-dispatcher",
      argv: [
        "dispatcher",
        "-c",
        "--level",
        "warning",
        "--log=x",
        "-r",
        "dev",
        "-p",
        "-l=1",
        "-w",
        "core",
        "a/b",
      ],
    },
  ],
])("%s %j is an alias", (program, words, alias) => {
  expect(resolveAlias(program, words)).toEqual(alias);
});

test.each([
  ["/x/dist/lava.js", ["new", "p"]],
  ["main.ts", ["jinja", "x"]],
  ["lava", []],
  ["constructor", ["toString"]],
])("%s %j is none", (program, words) => {
  expect(resolveAlias(program, words)).toBeUndefined();
});

test("each alias is a program of the package", () => {
  const { lava: _lava, ...programs } = manifest.bin;

  expect(programs).toEqual(
    Object.fromEntries(aliasNames.map((name) => [name, `./dist/${name}.js`])),
  );
});
