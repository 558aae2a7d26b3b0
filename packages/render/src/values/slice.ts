import { repr } from "./basics.ts";
import { typeError, valueError } from "./error.ts";
import { PyObject, type Value } from "./value.ts";

/** `[start:stop:step]`. */
export class PySlice extends PyObject {
  readonly typeName = "slice";
  readonly start: Value;
  readonly stop: Value;
  readonly step: Value;
  constructor(start: Value, stop: Value, step: Value) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
  repr(): string {
    return `slice(${repr(this.start)}, ${repr(this.stop)}, ${repr(this.step)})`;
  }
  override hashKey(): never {
    throw typeError("unhashable type: 'slice'");
  }
}

/** The positions that a slice takes of something `size` long, as start, step and count. */
export function sliceRange(
  slice: PySlice,
  size: number,
): { start: number; step: number; count: number } {
  const step = bound(slice.step) ?? 1;
  if (step === 0) throw valueError("slice step cannot be zero");
  const low = step < 0 ? -1 : 0;
  const high = step < 0 ? size - 1 : size;
  const clamp = (value: number): number =>
    Math.min(Math.max(value < 0 ? value + size : value, low), high);
  const from = bound(slice.start);
  const to = bound(slice.stop);
  const start = from === undefined ? (step < 0 ? high : low) : clamp(from);
  const stop = to === undefined ? (step < 0 ? low : high) : clamp(to);
  const count = Math.max(0, Math.ceil((stop - start) / step));
  return { start, step, count };
}

function bound(value: Value): number | undefined {
  if (value === null) return undefined;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint")
    return value < 0n ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw typeError("slice indices must be integers or None or have an __index__ method");
}

/** The items that a slice takes. */
export function sliceItems<T>(items: readonly T[], slice: PySlice): T[] {
  const { start, step, count } = sliceRange(slice, items.length);
  if (step === 1) return items.slice(start, start + count);
  return Array.from({ length: count }, (_none, index) => start + index * step).flatMap((at) =>
    items.slice(at, at + 1),
  );
}

/** The position that an index means, undefined outside or where it is no int. */
export function position(key: Value, size: number): number | undefined {
  const index = typeof key === "boolean" ? Number(key) : key;
  if (typeof index !== "number" || !Number.isInteger(index)) return undefined;
  const at = index < 0 ? index + size : index;
  return at < 0 || at >= size ? undefined : at;
}
