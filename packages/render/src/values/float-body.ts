import { exponentPart, fixedText, floatRepr, significant } from "./float-text.ts";

/** The digits of a non-negative float in a format of `e f g %`; `` is the one of `str`. */
export function floatBody(
  value: number,
  type: string,
  precision: number | undefined,
  alternate: boolean,
): string {
  const upper = type === "E" || type === "F" || type === "G";
  const finish = (text: string): string => (upper ? text.toUpperCase() : text);
  if (!Number.isFinite(value)) {
    return finish((Number.isNaN(value) ? "nan" : "inf") + (type === "%" ? "%" : ""));
  }
  switch (type.toLowerCase()) {
    case "f":
      return finish(point(fixedText(value, precision ?? 6), alternate));
    case "%":
      return `${point(fixedText(value * 100, precision ?? 6), alternate)}%`;
    case "e":
      return finish(exponential(value, (precision ?? 6) + 1, alternate));
    case "":
      if (precision === undefined) return floatRepr(value);
      return general(value, precision === 0 ? 1 : precision, alternate, true);
    default:
      return finish(general(value, precision === 0 ? 1 : (precision ?? 6), alternate, false));
  }
}

const point = (text: string, alternate: boolean): string =>
  alternate && !text.includes(".") ? `${text}.` : text;

function exponential(value: number, count: number, alternate: boolean): string {
  const { digits, exponent } = significant(value, count);
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : point(digits, alternate);
  return `${mantissa}e${exponentPart(exponent)}`;
}

function general(value: number, precision: number, alternate: boolean, dotZero: boolean): string {
  const { digits, exponent } = significant(value, precision);
  const limit = dotZero ? precision - 1 : precision;
  const strip = (text: string): string => (alternate ? text : text.replace(/0+$/, ""));
  if (exponent < -4 || exponent >= limit) {
    const fraction = strip(digits.slice(1));
    const mantissa = fraction === "" ? digits.slice(0, 1) : `${digits[0]}.${fraction}`;
    return `${mantissa}e${exponentPart(exponent)}`;
  }
  const whole = exponent < 0 ? "0" : digits.slice(0, exponent + 1);
  const fraction = strip(
    exponent < 0 ? "0".repeat(-exponent - 1) + digits : digits.slice(exponent + 1),
  );
  if (fraction !== "") return `${whole}.${fraction}`;
  return dotZero ? `${whole}.0` : point(whole, alternate);
}
