import { describe, expect, test } from "vitest";
import { fnmatch, quoteShellWord, splitShellWords, suggest } from "./index.ts";

describe("splitShellWords (WK-100)", () => {
  test.each([
    ["a b  c", ["a", "b", "c"]],
    [`say "two words" 'and $HOME'`, ["say", "two words", "and $HOME"]],
    [String.raw`a\ b "x\"y" "p\q"`, ["a b", 'x"y', String.raw`p\q`]],
    [`'' ""`, ["", ""]],
    [`--name="{{ x }}"`, ["--name={{ x }}"]],
    ["a # b", ["a", "#", "b"]],
  ])("%s", (text, words) => {
    expect(splitShellWords(text)).toEqual(words);
  });

  test.each([
    ["a # b", ["a"]],
    [`"a#b" c#d`, ["a#b", "c"]],
    ["a#b\nc d", ["a", "c", "d"]],
    ["''#x", [""]],
    ["# all", []],
  ])("with comments: %j, as Python's shlex has it (T-21)", (text, words) => {
    expect(splitShellWords(text, { comments: true })).toEqual(words);
  });

  test("unfinished text names what is missing", () => {
    expect(() => splitShellWords("a 'b")).toThrow("No closing quotation");
    expect(() => splitShellWords("a \\")).toThrow("No escaped character");
  });

  test("a quoted word is read back unchanged", () => {
    for (const word of ["", "plain", "two words", "it's", '"', "a$b`c", "tab\there"]) {
      expect(splitShellWords(quoteShellWord(word))).toEqual([word]);
    }
  });
});

test.each([
  ["a_Z9@%+=:,./-", "a_Z9@%+=:,./-"],
  ["", "''"],
  ["it's", `'it'"'"'s'`],
  ["é", "'é'"],
  ["a~b", "'a~b'"],
])("%j is quoted as a crontab of the original has it: %s (T-22)", (word, quoted) => {
  expect(quoteShellWord(word)).toBe(quoted);
});

describe("fnmatch (CLI-021)", () => {
  test.each([
    ["a/b/c.txt", "a/*.txt", true],
    ["abc", "a?c", true],
    ["abc", "A*", false],
    ["a-c", "a[!b]c", true],
    ["abc", "a[!b]c", false],
    ["a]c", "a[]]c", true],
    ["a[c", "a[c", true],
    ["job5", "job[0-9]", true],
    ["a.b", "a.b", true],
    ["axb", "a.b", false],
    ["a-b/c", "*-b/*", true],
    ["a-c", "a[x-]c", true],
    ["line\nbreak", "line*", true],
  ])("%j against %j is %s", (text, pattern, expected) => {
    expect(fnmatch(text, pattern)).toBe(expected);
  });
});

test("suggest finds the near word and none that is far", () => {
  expect(suggest("on_sucess", ["on_success", "on_fail", "owner"])).toBe("on_success");
  expect(suggest("ownre", ["owner", "worker"])).toBe("owner");
  expect(suggest("zebra", ["owner", "worker"])).toBeUndefined();
});
