import type { Objects, StoredObject } from "./objects.ts";

/** What to list. */
export interface ListingRequest {
  readonly bucket: number;
  readonly prefix: string;
  readonly delimiter: string;
  /** Only keys after this one. */
  readonly after: string;
  /** How many keys and common prefixes together. */
  readonly max: number;
}

/** A page of keys and common prefixes. */
export interface Listing {
  readonly objects: readonly StoredObject[];
  readonly prefixes: readonly string[];
  /** `after` of the next page; undefined: this is the last. */
  readonly next: string | undefined;
  /** The last key or common prefix of this page. */
  readonly last: string | undefined;
}

/** After every key that begins with the text it is appended to. */
const AFTER_ALL = "\u{10ffff}";
const CHUNK = 500;

/** Lists one page, leaping over what a common prefix stands for. */
export function listPage(objects: Objects, request: ListingRequest): Listing {
  const { bucket, prefix, delimiter, max } = request;
  const found: StoredObject[] = [];
  const prefixes: string[] = [];
  let { after } = request;
  let last: string | undefined;
  // A page that ends with a common prefix is continued by that prefix as marker.
  const skipped = delimiter === "" || !after.endsWith(delimiter) ? undefined : after;
  if (skipped !== undefined && commonPrefix(skipped, prefix, delimiter) === skipped) {
    after = skipped + AFTER_ALL;
  }

  for (let more = max > 0; more;) {
    const rows = objects.list(bucket, prefix, after, Math.min(max + 1, CHUNK));
    more = rows.length > 0;
    for (const row of rows) {
      if (!row.key.startsWith(prefix)) return { objects: found, prefixes, next: undefined, last };
      const common = commonPrefix(row.key, prefix, delimiter);
      if (common !== undefined && common === prefixes.at(-1)) {
        // A key that goes on with U+10FFFF lies behind the leap.
        after = row.key;
        continue;
      }
      if (found.length + prefixes.length >= max) {
        return { objects: found, prefixes, next: after, last };
      }
      last = common ?? row.key;
      if (common === undefined) {
        found.push(row);
        after = row.key;
      } else {
        prefixes.push(common);
        after = common + AFTER_ALL;
        break;
      }
    }
  }
  return { objects: found, prefixes, next: undefined, last };
}

function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "" || !key.startsWith(prefix)) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}
