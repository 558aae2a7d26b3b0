import { PyDict } from "./dict.ts";
import { PyError } from "./error.ts";
import { PyList, PyTuple } from "./sequence.ts";
import { PyObject, type Value } from "./value.ts";

/** The error of a constant whose repr is a name: `inf` and `nan`. */
export const noSuchName = (value: number): PyError =>
  new PyError("NameError", `name '${Number.isNaN(value) ? "nan" : "inf"}' is not defined`);

/**
 * A constant for one use: lists and dicts are copied, for the template may change them. A NameError where it holds
 * `inf` or `nan`, unless that is allowed.
 */
export function fresh(value: Value, allowed = false): Value {
  if (typeof value === "number" && !allowed && !Number.isFinite(value)) throw noSuchName(value);
  if (!(value instanceof PyObject)) return value;
  const copy = (item: Value): Value => fresh(item, allowed);
  if (value instanceof PyList) return new PyList(value.items.map(copy));
  if (value instanceof PyTuple) {
    const isPlain = value.items.every((item) => typeof item === "string" || item === null);
    return isPlain ? value : new PyTuple(value.items.map(copy));
  }
  if (!(value instanceof PyDict)) return value;
  return new PyDict(
    Array.from(value.entries.values(), ([key, item]) => [copy(key), copy(item)] as const),
  );
}
