import { LavaError } from "@lava/core";

/** Releases before the final one, in their order; PEP 440 has more spellings for each. */
const STAGES = ["dev", "a", "b", "rc", "", "post"];
const SPELLINGS: Readonly<Record<string, string>> = {
  alpha: "a",
  beta: "b",
  c: "rc",
  pre: "rc",
  preview: "rc",
  rev: "post",
  r: "post",
};

/**
 * Below 0, 0 or above 0 as a version is before, the same as, or after another, by PEP 440 (CLI-182); epochs and local
 * parts are not told apart.
 *
 * @throws {LavaError} BAD_OPTIONS for what is no version
 */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [parts(one), parts(other)];
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const order = (a[at] ?? 0) - (b[at] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers that compare one after the other: four of the release, the stage, its number. */
function parts(text: string): number[] {
  const match =
    /^\s*v?(\d+(?:\.\d+)*)(?:[-_.]?(dev|alpha|a|beta|b|preview|pre|c|rc|post|rev|r)[-_.]?(\d*))?(?:\+.*)?\s*$/i.exec(
      text,
    );
  if (match === null) {
    throw new LavaError("BAD_OPTIONS", `${text} is no version`, { kind: "usage" });
  }
  const [, release = "", stage = "", number = ""] = match;
  const numbers = release.split(".").map(Number);
  const name = stage.toLowerCase();
  return [
    ...Array.from({ length: 6 }, (_, at) => numbers[at] ?? 0),
    STAGES.indexOf(SPELLINGS[name] ?? name),
    Number(number === "" ? 0 : number),
  ];
}
