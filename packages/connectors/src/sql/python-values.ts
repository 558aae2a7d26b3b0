import { DecimalValue, FloatValue } from "@lava/core";

/** A float as core keeps it: a class of its own when it is whole and exact values are asked for (T-02). */
export function toFloat(value: number, exact: boolean): number | FloatValue {
  return exact && (Number.isInteger(value) || Object.is(value, -0)) ? new FloatValue(value) : value;
}

/** A whole number: a plain one up to 2^53, else a bigint. */
export function toInteger(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** An exact number whose text is what Python's `str(Decimal(text))` gives: `0.0000001` is `1E-7`. */
export function toDecimal(text: string): DecimalValue {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (match === null) return new DecimalValue(text);
  const [, sign = "", whole = "", fraction = ""] = match;
  const digits = `${whole}${fraction}`.replace(/^0+(?=\d)/, "");
  const adjusted = digits.length - 1 - fraction.length;
  if (fraction === "" || adjusted >= -6) return new DecimalValue(text);
  const [first, rest] = [digits.slice(0, 1), digits.slice(1)];
  return new DecimalValue(`${sign}${first}${rest === "" ? "" : `.${rest}`}E${adjusted}`);
}

/**
 * A date and time (or either) as Python's `str` prints it: a fraction has six digits or is left out, an offset has
 * hours and minutes. Text of any other form (`infinity`, years BC) stays as it is.
 */
export function pythonDateTime(text: string): string {
  const match =
    /^((?:\d{4}-\d\d-\d\d)?[ T]?(?:\d\d:\d\d:\d\d)?)(?:\.(\d{1,9}))?(?:([+-]\d\d)(?::?(\d\d))?)?$/.exec(
      text,
    );
  if (match === null) return text;
  const [, head = "", fraction = "", hours, minutes = "00"] = match;
  const micros = fraction.padEnd(6, "0").slice(0, 6);
  const tail = /^0*$/.test(micros) ? "" : `.${micros}`;
  return `${head.replace("T", " ")}${tail}${hours === undefined ? "" : `${hours}:${minutes}`}`;
}

const DAY = 86_400_000_000n;

/** A length of time in microseconds as Python's `str(timedelta)` prints it: `1 day, 2:03:04.500000`. */
export function pythonTimedelta(microseconds: bigint): string {
  let days = microseconds / DAY;
  let rest = microseconds % DAY;
  if (rest < 0n) {
    rest += DAY;
    days -= 1n;
  }
  const two = (value: bigint): string => String(value).padStart(2, "0");
  const seconds = rest / 1_000_000n;
  const micros = rest % 1_000_000n;
  const time = `${seconds / 3600n}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  const fraction = micros === 0n ? "" : `.${String(micros).padStart(6, "0")}`;
  if (days === 0n) return `${time}${fraction}`;
  return `${days} day${days === 1n || days === -1n ? "" : "s"}, ${time}${fraction}`;
}

/** `[-]H..:MM:SS[.f]` in microseconds; undefined for any other text. */
export function clockMicroseconds(text: string): bigint | undefined {
  const match = /^([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, hours = "0", minutes = "0", seconds = "0", fraction = ""] = match;
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const value = whole * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
  return sign === "-" ? -value : value;
}
