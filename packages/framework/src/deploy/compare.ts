import { type Data, type DataMap, DecimalValue, FloatValue, isMap } from "@lava/core";
import type { FieldChange } from "./types.ts";

/** Fields that say where a build came from; a difference in them alone is no change (FW-111, FW-277). */
const TRACKING =
  /^x-lava-(?:built|builder|os|host|git-branch|git-repo|git-status|user|chk|project)$/;

/** The mark of the project that deployed an item. */
export const PROJECT_MARK = "x-lava-project";

/** An item without its tracking fields. */
export function withoutTracking(item: DataMap): DataMap {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !TRACKING.test(name)));
}

/** What differs between two items, field by field, in the order of names. Numbers compare by value (FW-285). */
export function fieldChanges(before: DataMap, after: DataMap): FieldChange[] {
  const changes: FieldChange[] = [];
  compareMaps(withoutTracking(before), withoutTracking(after), [], changes);
  return changes;
}

/** Whether two values are the same to whoever reads them. */
export function sameData(a: Data | undefined, b: Data | undefined): boolean {
  return canonical(a) === canonical(b);
}

function compareMaps(
  before: DataMap,
  after: DataMap,
  path: readonly (string | number)[],
  changes: FieldChange[],
): void {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  for (const name of names) {
    const [old, now] = [before[name], after[name]];
    const here = [...path, name];
    if (old === undefined)
      changes.push({ path: here, ...(now === undefined ? {} : { after: now }) });
    else if (now === undefined) changes.push({ path: here, before: old });
    else if (isDataMap(old) && isDataMap(now)) compareMaps(old, now, here, changes);
    else if (!sameData(old, now)) changes.push({ path: here, before: old, after: now });
  }
}

function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}

/** A text that is equal for equal data: sorted keys, numbers by value. */
function canonical(value: Data | undefined): string {
  if (value === undefined) return "";
  if (value instanceof DecimalValue) return number(value.text);
  if (value instanceof FloatValue) return number(String(value.value));
  if (typeof value === "number" || typeof value === "bigint") return number(String(value));
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString("base64")}`;
  if (Array.isArray(value)) return `[${value.map((item: Data) => canonical(item)).join(",")}]`;
  if (isMap(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(asData(item))}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/** A member of a map of data is data. */
function asData(value: unknown): Data {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- isMap forgets what its argument was made of
  return value as Data;
}

/** Decimal notation without exponent and needless zeros: `1.50e1` and `15` are one number. */
function number(text: string): string {
  const match = /^(-?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return "0";
  const trimmed = digits.replace(/0+$/, "");
  const scale = Number(exponent) - fraction.length + (digits.length - trimmed.length);
  return `${sign}${trimmed}e${scale}`;
}
