import { LavaError, suggest } from "@lava/core";

/** The one of `known` that is named so, or whose name alone begins so. @throws {LavaError} NO_SUCH_SAMPLE */
export function oneOf<T extends string>(what: string, name: string, known: readonly T[]): T {
  const exact = known.find((one) => one === name);
  if (exact !== undefined) return exact;
  const [only, another] = known.filter((one) => one.startsWith(name));
  if (only !== undefined && another === undefined) return only;
  const near = suggest(name, known);
  throw new LavaError(
    "NO_SUCH_SAMPLE",
    name === "" ? `Which ${what}?` : `There is no ${what} ${name}`,
    {
      hint: `${near === undefined ? "" : `Did you mean ${near}? `}They are ${known.join(", ")}.`,
      kind: "usage",
    },
  );
}
