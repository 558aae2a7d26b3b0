import { LavaError } from "@lava/core";

/** The functions that come with this program, in the order in which they are shown. */
export const OWN_FUNCTIONS = ["dispatch", "s3trigger", "metrics", "stop"] as const;

/** A function that comes with this program. */
export type OwnFunction = (typeof OWN_FUNCTIONS)[number];

/** The functions of these names; all of them for an empty list. @throws {LavaError} NO_SUCH_FUNCTION */
export function selectFunctions(names: readonly string[]): OwnFunction[] {
  const unknown = names.find((name) => !OWN_FUNCTIONS.some((own) => own === name));
  if (unknown !== undefined) {
    throw new LavaError("NO_SUCH_FUNCTION", `There is no function ${unknown}`, {
      kind: "usage",
      hint: `Functions: ${OWN_FUNCTIONS.join(", ")}.`,
    });
  }
  return OWN_FUNCTIONS.filter((own) => names.length === 0 || names.includes(own));
}
