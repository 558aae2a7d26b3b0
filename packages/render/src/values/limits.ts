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
}

/** Far beyond what a template of a job needs. */
export const defaultLimits: Limits = {
  steps: 20_000_000,
  output: 100_000_000,
  depth: 250,
  range: 10_000_000,
  text: 50_000_000,
  items: 10_000_000,
  bits: 1_000_000,
  template: 50_000_000,
};

let active: Limits = defaultLimits;

/** The limits of the rendering that runs. */
export const limits = (): Limits => active;

/** Does work under limits; values know no rendering, so these hold for all that happens meanwhile. */
export function withLimits<T>(own: Limits, work: () => T): T {
  const outer = active;
  active = own;
  try {
    return work();
  } finally {
    active = outer;
  }
}

/** The error of what takes too much. */
export const limitError = (message: string): PyError => new PyError("LimitError", message);

/** Refuses a text that would be too long. */
export function checkText(size: number): void {
  if (size > active.text) {
    throw limitError(`a text would have more than ${active.text} characters`);
  }
}

/** Refuses a list that would be too long. */
export function checkItems(count: number): void {
  if (count > active.items) throw limitError(`a list would have more than ${active.items} items`);
}

/** Refuses an int that would be too large. */
export function checkBits(bits: number): void {
  if (bits > active.bits) throw limitError(`an int would have more than ${active.bits} bits`);
}
