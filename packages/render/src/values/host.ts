import { DecimalValue, type Data, FloatValue, LavaError } from "@lava/core";
import { str } from "./basics.ts";
import { PyBytes } from "./bytes.ts";
import { parseDecimal } from "./decimal-methods.ts";
import { PyDecimal } from "./decimal.ts";
import { PyDict } from "./dict.ts";
import { Markup } from "./markup.ts";
import { PyFunction } from "./method.ts";
import { PyList, PyTuple } from "./sequence.ts";
import { PySet } from "./set.ts";
import { Undefined } from "./undefined.ts";
import { int, PyObject, type Value } from "./value.ts";

/**
 * A value of the host as a value of templates: copied, so that a template cannot change it, and only own data.
 * A function becomes callable with plain data; keyword arguments come last, as a map.
 *
 * @throws {LavaError} TEMPLATE_CONTEXT for what is no data, such as an instance of a class.
 */
export function fromHost(value: unknown): Value {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? int(BigInt(value)) : value;
    case "bigint":
      return int(value);
    case "undefined":
      return null;
    case "function":
      return hostFunction(value);
    default:
      return value === null ? null : fromObject(value);
  }
}

function fromObject(value: unknown): Value {
  if (value instanceof PyObject || value instanceof FloatValue) return value;
  if (value instanceof DecimalValue) return parseDecimal(value.text);
  if (value instanceof Uint8Array) return new PyBytes(value);
  if (Array.isArray(value)) return new PyList(value.map(fromHost));
  if (value instanceof Set) return new PySet(Array.from(value, fromHost));
  if (value instanceof Map) {
    return new PyDict(Array.from(value, ([key, item]) => [fromHost(key), fromHost(item)] as const));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (
    typeof value !== "object" ||
    value === null ||
    (prototype !== Object.prototype && prototype !== null)
  ) {
    throw new LavaError("TEMPLATE_CONTEXT", "a value of a template's context is no data");
  }
  const dict = new PyDict();
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) dict.set(key, fromHost(item));
  }
  return dict;
}

function hostFunction(run: Function): PyFunction {
  return new PyFunction(run.name, ({ args, kwargs }) => {
    const plain = args.map(toData);
    if (kwargs.size > 0) plain.push(toData(new PyDict(kwargs)));
    return fromHost(Reflect.apply(run, undefined, plain));
  });
}

/**
 * Values of templates, or host data that holds some, as plain data: datetimes become ISO text (WF-075), tuples
 * and sets lists, what is undefined null.
 */
export function toData(value: unknown): Data {
  if (value === null || value === undefined || value instanceof Undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof FloatValue || value instanceof DecimalValue) return value;
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(toData);
  if (value instanceof PyObject) return objectToData(value);
  if (typeof value !== "object") return null;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [String(key), toData(item)]),
  );
}

function objectToData(value: PyObject): Data {
  if (value instanceof PyDecimal) return new DecimalValue(value.str());
  if (value instanceof PyBytes) return value.data;
  if (value instanceof Markup) return value.text;
  if (value instanceof PyDict) {
    const entries = Array.from(value.entries.values(), ([key, item]) => [str(key), toData(item)]);
    return Object.fromEntries(entries);
  }
  if (value instanceof PyTuple || value instanceof PyList || value instanceof PySet) {
    return Array.from(value.iterate(), toData);
  }
  return value.dataText();
}
