import { DecimalValue, FloatValue, isMap } from "@lava/core";

/** Attributes whose values are about where and when, not about what. */
const BY_NAME: Readonly<Record<string, string>> = {
  hostname: "<host>",
  worker_id: "<instance>",
  instance_id: "<instance>",
  ttl: "<ttl>",
};

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "<uuid>"],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:[+-]\d\d:?\d\d|Z)?/g, "<time>"],
];

/**
 * A value with its ids and times replaced by words in angle brackets; `known` texts (a run id, a folder) first, by words of
 * their own. Numbers become plain ones.
 */
export function generalize(value: unknown, known: Readonly<Record<string, string>> = {}): unknown {
  if (typeof value === "string") {
    let text = value;
    for (const [from, to] of Object.entries(known)) text = text.replaceAll(from, to);
    for (const [pattern, word] of PATTERNS) text = text.replaceAll(pattern, word);
    return text;
  }
  if (value instanceof DecimalValue || value instanceof FloatValue) return value.toJSON();
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map((item: unknown) => generalize(item, known));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      item !== null && BY_NAME[name] !== undefined ? BY_NAME[name] : generalize(item, known),
    ]),
  );
}
