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
  /** Steps of regular expressions and recurrence rules. */
  readonly search: number;
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
  search: 50_000_000,
};

let active: Limits = defaultLimits;
let depth = 0;
let workLeft = defaultLimits.work;
let searchLeft = defaultLimits.search;

/** The limits of the rendering that runs. */
export const limits = (): Limits => active;

/**
 * Does work under limits; values know no rendering, so these hold for all that happens meanwhile. A rendering within
 * another has what that one has left at most, and takes it from there.
 */
export function withLimits<T>(own: Limits, work: () => T): T {
  const outer = { active, work: workLeft, search: searchLeft };
  const isNested = depth > 0;
  const most = {
    work: isNested ? Math.min(own.work, workLeft) : own.work,
    search: isNested ? Math.min(own.search, searchLeft) : own.search,
  };
  active = own;
  workLeft = most.work;
  searchLeft = most.search;
  depth++;
  try {
    return work();
  } finally {
    depth--;
    active = outer.active;
    workLeft = isNested ? outer.work - (most.work - workLeft) : active.work;
    searchLeft = isNested ? outer.search - (most.search - searchLeft) : active.search;
  }
}

/** The error of what takes too much. */
export const limitError = (message: string): PyError => new PyError("LimitError", message);

/** Counts work: characters or items that are made or looked at. */
export function spend(amount: number): void {
  workLeft -= amount;
  if (workLeft < 0) {
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

/** Steps of searches that are left, for a loop that counts by itself and {@link spendSearch}es afterwards. */
export const searchStepsLeft = (): number => searchLeft;

/** Counts steps of a search; a LimitError naming it where they are too many. */
export function spendSearch(steps: number, what: string): void {
  searchLeft -= steps;
  if (searchLeft < 0) throw limitError(`${what} takes too many steps`);
}
