/** Stands for the whole bucket in the table, which can have no empty prefix. */
export const WHOLE_BUCKET = "*";

/**
 * The prefixes under which triggers for a key are looked for, nearest first: the key itself, each shorter path, the
 * whole bucket (LAM-204, TRIG-01, TRIG-02). Never an empty one, which the table cannot be asked for (LAM-218).
 */
export function triggerLevels(key: string): string[] {
  const parts = key.split("/");
  const paths = parts.map((_part, index) => parts.slice(0, parts.length - index).join("/"));
  return [...paths.filter((path) => path !== "" && path !== WHOLE_BUCKET), WHOLE_BUCKET];
}
