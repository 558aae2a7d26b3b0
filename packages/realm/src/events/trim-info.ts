import { type Data, DecimalValue, FloatValue } from "@lava/core";

/** Bytes that a value takes in a DynamoDB item, to within a few. */
export function dataSize(value: Data): number {
  if (value === null || typeof value === "boolean") return 1;
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value === "number" || typeof value === "bigint") return 21;
  if (value instanceof DecimalValue || value instanceof FloatValue) return 21;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, item: Data) => sum + dataSize(item) + 1, 3);
  }
  return Object.entries(value).reduce(
    (sum, [name, item]) => sum + Buffer.byteLength(name) + dataSize(item) + 1,
    3,
  );
}

/**
 * A value of at most about `limit` bytes: long texts and lists keep their head and their tail, with a marker that
 * says how much was left out between (WK-165).
 */
export function trimInfo(value: Data, limit: number): Data {
  if (dataSize(value) <= limit) return value;
  const trimmed = trim(value, limit);
  // A map of very many names cannot be cut name by name.
  return dataSize(trimmed) <= limit * 1.1 + 64
    ? trimmed
    : trimText(JSON.stringify(trimmed, bigintText), limit);
}

function bigintText(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function trim(value: Data, limit: number): Data {
  if (typeof value === "string") return trimText(value, limit);
  if (Array.isArray(value)) return trimList(value, limit);
  if (value instanceof Uint8Array) return `... ${value.length} bytes left out ...`;
  if (value === null || typeof value !== "object") return value;
  if (value instanceof FloatValue || value instanceof DecimalValue) return value;
  const entries = Object.entries(value);
  const fair = shares(
    entries.map(([name, item]) => Buffer.byteLength(name) + dataSize(item) + 1),
    limit,
  );
  return Object.fromEntries(
    entries.map(([name, item], index) => [
      name,
      trimInfo(item, Math.max(16, (fair[index] ?? 0) - Buffer.byteLength(name) - 1)),
    ]),
  );
}

function trimText(text: string, limit: number): string {
  const bytes = Buffer.from(text);
  const marker = `\n... ${bytes.length - limit} bytes left out ...\n`;
  const room = limit - marker.length;
  if (room <= 8) return marker.trim();
  const head = bytes.subarray(0, Math.ceil(room / 2));
  const tail = bytes.subarray(bytes.length - Math.floor(room / 2));
  // A character that was cut in two decodes to replacement characters.
  const clean = (part: Buffer): string => part.toString().replace(/^\uFFFD+|\uFFFD+$/g, "");
  return `${clean(head)}${marker}${clean(tail)}`;
}

function trimList(list: readonly Data[], limit: number): Data {
  // A few large elements are each cut; of many small ones the middle goes.
  const each = Math.floor(limit / list.length) - 1;
  if (each >= 256) {
    const fair = shares(
      list.map((item) => dataSize(item) + 1),
      limit,
    );
    return list.map((item, index) => trimInfo(item, fair[index] ?? each));
  }
  const room = limit - 64;
  const largest = Math.max(32, Math.floor(room / 4));
  const head: Data[] = [];
  const tail: Data[] = [];
  let used = 3;
  for (let taken = 0; taken < list.length; taken += 1) {
    const fromHead = taken % 2 === 0;
    const item = list[fromHead ? head.length : list.length - 1 - tail.length] ?? null;
    const kept = trimInfo(item, largest);
    used += dataSize(kept) + 1;
    if (used > room) break;
    if (fromHead) head.push(kept);
    else tail.unshift(kept);
  }
  const left = list.length - head.length - tail.length;
  return left === 0 ? head.concat(tail) : [...head, `... ${left} items left out ...`, ...tail];
}

/** Divides `limit`: what needs less than its share leaves the rest to the others. */
function shares(sizes: readonly number[], limit: number): number[] {
  const result = sizes.map(() => 0);
  let room = limit - 3;
  let open = sizes.length;
  const order = sizes
    .map((_, index) => index)
    .toSorted((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0));
  for (const index of order) {
    const share = Math.min(sizes[index] ?? 0, Math.floor(room / open));
    result[index] = Math.max(0, share);
    room -= share;
    open -= 1;
  }
  return result;
}

/** The value with every text in it passed through `mask`; the names of maps are left as they are. */
export function maskTexts(value: Data, mask: (text: string) => string): Data {
  if (typeof value === "string") return mask(value);
  if (Array.isArray(value)) return value.map((item: Data) => maskTexts(item, mask));
  if (value === null || typeof value !== "object") return value;
  if (value instanceof FloatValue || value instanceof DecimalValue || value instanceof Uint8Array) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, maskTexts(item, mask)]),
  );
}
