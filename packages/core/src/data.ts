/**
 * Values of records, messages and templates. A number that is whole is an int and any other number a float, as
 * Python sees them; what a plain number cannot say has a class of its own: a float that happens to be whole
 * (`1.0`), an int beyond 2^53 (bigint), a DynamoDB number (exact decimal text, T-03, T-04).
 */
export type Data =
  | null
  | boolean
  | number
  | bigint
  | string
  | FloatValue
  | DecimalValue
  | Uint8Array
  | readonly Data[]
  | { readonly [key: string]: Data };

/** A map of data. */
export type DataMap = { readonly [key: string]: Data };

/** A float whose value is whole: prints as `1.0` in a template. */
export class FloatValue {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  /** JSON has one kind of number. */
  toJSON(): number {
    return this.value;
  }
}

/** A number exactly as DynamoDB keeps it; a Decimal in templates. */
export class DecimalValue {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  /** The nearest double; for counts, limits and times, which are small. */
  valueOf(): number {
    return Number(this.text);
  }
  toString(): string {
    return this.text;
  }
  toJSON(): number {
    return Number(this.text);
  }
}

/** Whether a value is a map: an object that is no list, no number and no bytes. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof FloatValue) &&
    !(value instanceof DecimalValue) &&
    !(value instanceof Uint8Array)
  );
}

/** Truth as Python has it: false for null, false, "", 0, [] and {}. */
export function isTruthy(value: unknown): boolean {
  if (value instanceof FloatValue) return value.value !== 0;
  if (value instanceof DecimalValue) return Number(value.text) !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Uint8Array) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return (
    value !== undefined &&
    value !== null &&
    value !== false &&
    value !== "" &&
    value !== 0 &&
    value !== 0n
  );
}
