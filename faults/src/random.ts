/** Repeatable randomness: the same seed gives the same choices. */
export interface Random {
  readonly seed: number;
  /** 0 to 1. */
  next(): number;
  /** Whole, `from` to `to`, both included. */
  int(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(of: readonly [T, ...T[]]): T;
  /** An independent stream of the same seed, so that more draws here change nothing there. */
  fork(name: string): Random;
}

/** A generator (mulberry32) for a seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    seed,
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (of) => of[int(0, of.length - 1)] ?? of[0],
    fork: (name) =>
      createRandom(
        [...name].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), seed),
      ),
  };
}
