import { createHash } from "node:crypto";

/** The one owner of everything: an id like the canonical ones, made from the account. */
export function ownerOf(accountId: string): { ID: string; DisplayName: string } {
  return {
    ID: createHash("sha256").update(`local-aws ${accountId}`).digest("hex"),
    DisplayName: "local-aws",
  };
}
