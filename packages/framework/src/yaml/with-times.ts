import { type DataMap, isMap } from "@lava/core";
import { pyYamlTime } from "@lava/render";
import type { ReadYaml } from "./read.ts";

/** A map read from YAML as templates see it: dates and times are such, not texts. */
export function withTimes(
  data: DataMap,
  times: ReadYaml["times"],
): Readonly<Record<string, unknown>> {
  return times.reduce<Readonly<Record<string, unknown>>>((whole, { path, text }) => {
    const changed = replaced(whole, path, pyYamlTime(text) ?? text);
    return isMap(changed) ? changed : whole;
  }, data);
}

/** A copy of a value with another one at a path. */
function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return by;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === first ? replaced(item, rest, by) : item));
  }
  if (!isMap(value)) return value;
  return { ...value, [first]: replaced(value[first], rest, by) };
}
