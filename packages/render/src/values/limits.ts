import { PyError } from "./error.ts";

/** What a rendering may use up. */
export interface Limits {
  /** Turns of loops, calls, filters. */
  readonly steps: number;
  /** Characters of output, captured text included. */
  readonly output: number;
  /** Calls, blocks and templates within one another. */
  readonly depth: number;
  /** Items of one `range()`. */
  readonly range: number;
  /** Characters of one text that `*`, padding or formatting makes. */
  readonly text: number;
  /** Items of one list that `*` or a filter makes. */
  readonly items: number;
  /** Bits of one int. */
  readonly bits: number;
  /** Characters of one template. */
  readonly template: number;
  /** Characters and items that all texts and lists of the rendering have together. */
  readonly work: number;
}

/** Far beyond what a template of a job needs. */
export const defaultLimits: Limits = {
  steps: 5_000_000,
  output: 50_000_000,
  depth: 250,
  range: 1_000_000,
  text: 20_000_000,
  items: 2_000_000,
  bits: 200_000,
  template: 20_000_000,
  work: 200_000_000,
};

let active: Limits = defaultLimits;
let spent = 0;

/** The limits of the rendering that runs. */
export const limits = (): Limits => active;

/** Does work under limits; values know no rendering, so these hold for all that happens meanwhile. */
export function withLimits<T>(own: Limits, work: () => T): T {
  const outer = active;
  const outerSpent = spent;
  active = own;
  spent = 0;
  try {
    return work();
  } finally {
    active = outer;
    spent = outerSpent;
  }
}

/** The error of what takes too much. */
export const limitError = (message: string): PyError => new PyError("LimitError", message);

/** Counts work: characters or items that are made or looked at. */
export function spend(amount: number): void {
  spent += amount;
  if (spent > active.work) {
    throw limitError(`the template makes more than ${active.work} characters and items`);
  }
}

/** Refuses a text that would be too long. */
export function checkText(size: number): void {
  if (size > active.text) {
    throw limitError(`a text would have more than ${active.text} characters`);
  }
  spend(size);
}

/** Refuses a list that would be too long. */
export function checkItems(count: number): void {
  if (count > active.items) throw limitError(`a list would have more than ${active.items} items`);
  spend(count);
}

/** Refuses an int that would be too large. */
export function checkBits(bits: number): void {
  if (bits > active.bits) throw limitError(`an int would have more than ${active.bits} bits`);
  if (bits > 1000) spend(bits);
}
