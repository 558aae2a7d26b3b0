import { LavaError } from "./errors.ts";

const POWERS = ["", "K", "M", "G", "T", "P"];
const PATTERN = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?:([KMGTP])(iB|B)?|(B))?\s*$/;

/**
 * Bytes of a size as lava writes them: an integer, or a number and `B K KB M MB G GB T TB P PB` (powers of 1000)
 * or `KiB MiB GiB TiB PiB`, case-sensitive, rounded; the fraction of a number is cut. WK-176.
 *
 * @throws {LavaError} INVALID_SIZE
 */
export function parseSize(value: string | number): number {
  if (typeof value === "number" && Number.isFinite(value)) return Math.trunc(value);
  const match = PATTERN.exec(String(value));
  const plain = match !== null && match[2] === undefined && match[4] === undefined;
  if (!match || (plain && !/^\s*[+-]?\d+\s*$/.test(String(value)))) {
    throw new LavaError("INVALID_SIZE", `Invalid size: ${value}`, {
      hint: 'Write a whole number of bytes, or a number and a unit: "100K", "2MiB".',
      retry: "never",
    });
  }
  const base = match[3] === "iB" ? 1024 : 1000;
  return Math.round(Number(match[1]) * base ** POWERS.indexOf(match[2] ?? ""));
}

/** `1.2 MB`, powers of 1000. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let power = 0;
  while (Math.abs(value) >= 1000 && power < POWERS.length - 1) {
    value /= 1000;
    power += 1;
  }
  return power === 0 ? `${bytes} B` : `${value.toFixed(1)} ${POWERS[power] ?? ""}B`;
}
