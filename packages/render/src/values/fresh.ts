import { PyDict } from "./dict.ts";
import { PyList, PyTuple } from "./sequence.ts";
import { PyObject, type Value } from "./value.ts";

/** A constant for one use: lists and dicts are copied, for the template may change them. */
export function fresh(value: Value): Value {
  if (!(value instanceof PyObject)) return value;
  if (value instanceof PyList) return new PyList(value.items.map(fresh));
  if (value instanceof PyTuple) {
    return value.items.some((item) => item instanceof PyObject)
      ? new PyTuple(value.items.map(fresh))
      : value;
  }
  if (!(value instanceof PyDict)) return value;
  return new PyDict(
    Array.from(value.entries.values(), ([key, item]) => [key, fresh(item)] as const),
  );
}
