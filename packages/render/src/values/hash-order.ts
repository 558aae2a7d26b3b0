import { FloatValue } from "@lava/core";
import { PyDecimal } from "./decimal.ts";
import { exactFraction } from "./float-text.ts";
import type { HashKey, Value } from "./value.ts";

/** The prime that Python reduces hashes of numbers by. */
const PRIME = (1n << 61n) - 1n;
const WORD = (1n << 64n) - 1n;

/** Python's hash of a number as 64 bits; undefined for other values, whose hashes differ from run to run. */
export function numberHash(value: Value): bigint | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (value instanceof PyDecimal) return hashOf(value.coefficient, value.exponent);
  const number = value instanceof FloatValue ? value.value : value;
  if (typeof number === "bigint") return hashOf(number, 0);
  if (typeof number !== "number" || Number.isNaN(number)) return undefined;
  if (!Number.isFinite(number)) return BigInt.asUintN(64, number > 0 ? 314_159n : -314_159n);
  if (Number.isInteger(number)) return hashOf(BigInt(number), 0);
  const { numerator, shift } = exactFraction(number);
  const scaled = (numerator < 0n ? -numerator : numerator) << (61n - (shift % 61n));
  return signed(scaled % PRIME, numerator < 0n);
}

function hashOf(coefficient: bigint, exponent: number): bigint | undefined {
  if (Math.abs(exponent) > 1000) return undefined;
  const size = coefficient < 0n ? -coefficient : coefficient;
  const factor = exponent >= 0 ? 10n : inverseOfTen;
  return signed((size * factor ** BigInt(Math.abs(exponent))) % PRIME, coefficient < 0n);
}

/** 10 to the minus one, modulo the prime. */
const inverseOfTen = powerModulo(10n, PRIME - 2n);

function powerModulo(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left % 2n === 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

/** A hash with its sign; -1 means an error in C and is never one. */
const signed = (hash: bigint, negative: boolean): bigint =>
  BigInt.asUintN(64, negative ? (hash === 1n ? -2n : -hash) : hash);

interface Slot {
  readonly hash: bigint;
  readonly key: HashKey;
}

const REMOVED = Symbol("removed");
/** Neighbours that are looked at before the search jumps. */
const PROBES = 9;
const SMALLEST = 8;

/** The table of a set as CPython has it: what is in it comes out in the order of its slots. */
export class HashOrder {
  #slots: (Slot | typeof REMOVED | undefined)[] = Array.from({ length: SMALLEST });
  #filled = 0;
  #used = 0;
  #finger = 0;

  get #mask(): number {
    return this.#slots.length - 1;
  }

  /** The keys in order. */
  *keys(): Generator<HashKey> {
    for (const slot of this.#slots) if (typeof slot === "object") yield slot.key;
  }

  /** Adds a key that is not there yet: in the place of a removed one, if the search passes by one. */
  add(hash: bigint, key: HashKey): void {
    const at = this.#free(hash, true);
    const isReused = this.#slots[at] === REMOVED;
    this.#slots[at] = { hash, key };
    this.#used++;
    if (isReused) return;
    this.#filled++;
    if (this.#filled * 5 >= this.#mask * 3) this.#grow();
  }

  /** Takes a key out; its slot stays used up. */
  remove(key: HashKey): void {
    const at = this.#slots.findIndex((slot) => typeof slot === "object" && slot.key === key);
    if (at < 0) return;
    this.#slots[at] = REMOVED;
    this.#used--;
  }

  /** The key that `pop()` takes next. */
  next(): HashKey | undefined {
    const size = this.#slots.length;
    for (let step = 0; step < size; step++) {
      const at = (this.#finger + step) % size;
      const slot = this.#slots[at];
      if (typeof slot !== "object") continue;
      this.#finger = at + 1;
      return slot.key;
    }
    return undefined;
  }

  /** Makes room for the members of a set or dict that is about to be merged. */
  reserve(count: number): void {
    if ((this.#filled + count) * 5 >= this.#mask * 3) this.#resize((this.#used + count) * 2);
  }

  /** Takes all of another table; into an empty one of its size, slot by slot. Undefined keys are there already. */
  merge(other: HashOrder, isNew: (key: HashKey) => boolean): void {
    if (other.#used === 0) return;
    this.reserve(other.#used);
    const isCopy = this.#filled === 0 && this.#mask === other.#mask;
    if (isCopy && other.#filled === other.#used) {
      this.#slots = [...other.#slots];
      this.#filled = other.#filled;
      this.#used = other.#used;
      return;
    }
    for (const slot of other.#slots) {
      if (typeof slot === "object" && isNew(slot.key)) this.add(slot.hash, slot.key);
    }
  }

  /** Drops used up slots where they are more than a quarter. */
  tidy(): void {
    if (this.#filled - this.#used > Math.floor(this.#mask / 4)) this.#grow();
  }

  #grow(): void {
    this.#resize(this.#used > 50_000 ? this.#used * 2 : this.#used * 4);
  }

  #resize(least: number): void {
    let size = SMALLEST;
    while (size <= least) size *= 2;
    const old = this.#slots;
    this.#slots = Array.from({ length: size });
    this.#filled = this.#used;
    for (const slot of old) if (typeof slot === "object") this.#slots[this.#free(slot.hash)] = slot;
  }

  #free(hash: bigint, mayReuse = false): number {
    const mask = this.#mask;
    let removed: number | undefined;
    const wide = BigInt(mask);
    let perturb = hash;
    let at = Number(hash & wide);
    for (;;) {
      const last = at + PROBES <= mask ? at + PROBES : at;
      for (let probe = at; probe <= last; probe++) {
        const slot = this.#slots[probe];
        if (slot === undefined) return removed ?? probe;
        if (slot === REMOVED && mayReuse) removed = probe;
      }
      perturb >>= 5n;
      at = Number((BigInt(at) * 5n + 1n + perturb) & WORD & wide);
    }
  }
}
