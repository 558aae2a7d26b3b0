import { ConditionFailed } from "../documents.ts";
import type { ClaimOptions } from "./types.ts";

/** Sends a write until it is answered, or until `again` gives up: a refused condition is an answer. */
export async function repeat<T>(
  send: () => Promise<T>,
  again: ClaimOptions["again"] = () => Promise.resolve(false),
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (error instanceof ConditionFailed || !(await again(error, attempt))) throw error;
    }
  }
}
