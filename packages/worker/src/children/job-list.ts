import { type Data, LavaError } from "@lava/core";

/**
 * The job ids of a payload: comma-separated text, blanks around ids not counting, or a list; undefined when it is
 * neither. Each gets `prefix` in front.
 */
export function parseJobList(payload: Data, prefix: string): string[] | undefined {
  const ids =
    typeof payload === "string" ? payload.split(",").map((id) => id.trim()) : listOfText(payload);
  return ids?.map((id) => `${prefix}${id}`);
}

/** The part of a chain to run: from `start`, when there is one (JOB-chain-02). @throws {LavaError} */
export function chainFrom(
  payload: Data,
  { prefix, start }: { readonly prefix: string; readonly start: string | undefined },
): string[] {
  const empty = typeof payload === "string" && payload.trim() === "";
  const ids = empty ? [] : parseJobList(payload, prefix);
  if (ids === undefined) {
    throw new LavaError("BAD_PAYLOAD", "Bad payload: must be string or list", { retry: "never" });
  }
  const first = start ? `${prefix}${start}` : undefined;
  const index = first === undefined ? 0 : ids.indexOf(first);
  if (index < 0) {
    throw new LavaError(
      "NOT_IN_CHAIN",
      `Requested start job ${first} is not present in the chain`,
      { retry: "never" },
    );
  }
  const rest = ids.slice(index);
  if (rest.length === 0) {
    throw new LavaError("CHAIN_EMPTY", "Job chain is empty", { retry: "never" });
  }
  return rest;
}

function listOfText(payload: Data): string[] | undefined {
  if (!Array.isArray(payload)) return undefined;
  const ids = payload.filter((id: Data) => typeof id === "string");
  return ids.length === payload.length ? ids : undefined;
}
