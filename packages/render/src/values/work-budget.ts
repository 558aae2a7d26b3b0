import { limitError } from "./limits.ts";

/** Steps of regular expressions and recurrence rules that one rendering may take: well under a second's work. */
const WHOLE = 25_000_000;

let left = WHOLE;

/** Gives the next rendering a whole budget. Rendering is synchronous, so one counter serves all. */
export function renewWorkBudget(): void {
  left = WHOLE;
}

/** What is left, for a loop that counts by itself and {@link spendWork}s afterwards. */
export const workLeft = (): number => left;

/** Takes steps off the budget; a LimitError naming the work where that was too much. */
export function spendWork(steps: number, what: string): void {
  left -= steps;
  if (left < 0) throw limitError(`${what} takes too many steps`);
}
