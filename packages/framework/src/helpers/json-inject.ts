import { type Data, type DataMap, fnmatch, LavaError } from "@lava/core";
import { isDataMap } from "../build/python-json.ts";
import { checksumOf } from "../checksum.ts";

/** What {@link injectJson} adds, in this order (CLI-227). */
export interface Injection {
  /** Dotted names with their values; maps on the way are made. */
  readonly nested: readonly (readonly [path: string, value: Data])[];
  /** Names at the top, dots and all. */
  readonly top: readonly (readonly [name: string, value: string])[];
  readonly hash?: {
    readonly name: string;
    readonly algorithm: string;
    readonly tag: string;
    /** Patterns of top-level keys that are not hashed. */
    readonly ignore: readonly string[];
  };
}

/**
 * An object with fields added; what was given stays as it is.
 *
 * @throws {LavaError} BAD_ASSIGNMENT where a value stands in the way of a path
 */
export function injectJson(data: DataMap, { nested, top, hash }: Injection): DataMap {
  let made = data;
  for (const [path, value] of nested) made = laid(made, path.split("."), value, path);
  for (const [name, value] of top) made = { ...made, [name]: value };
  if (hash === undefined) return made;
  const hashed = Object.fromEntries(
    Object.entries(made).filter(
      ([key]) => key !== hash.name && !hash.ignore.some((pattern) => fnmatch(key, pattern)),
    ),
  );
  return { ...made, [hash.name]: checksumOf(hashed, hash.algorithm, hash.tag) };
}

function laid(map: DataMap, path: readonly string[], value: Data, whole: string): DataMap {
  const [key = "", ...rest] = path;
  if (rest.length === 0) return { ...map, [key]: value };
  const inner = map[key] ?? {};
  if (!isDataMap(inner)) {
    throw new LavaError("BAD_ASSIGNMENT", `${whole}: ${key} is there, and is no map`, {
      kind: "usage",
    });
  }
  return { ...map, [key]: laid(inner, rest, value, whole) };
}
