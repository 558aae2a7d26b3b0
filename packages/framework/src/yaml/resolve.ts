import { type Data, FloatValue } from "@lava/core";

/**
 * What a plain scalar of YAML means to PyYAML's safe loader (design 14): YAML 1.1 as PyYAML has it, which is
 * neither the 1.1 nor the 1.2 of a JavaScript package. `surprise` says why people often mean something else
 * (FW-104); `fault` that JSON cannot hold the value (FW-103).
 */
export interface ResolvedScalar {
  readonly value: Data;
  readonly tag: "null" | "bool" | "int" | "float" | "str" | "time";
  readonly surprise?: string;
  readonly fault?: string;
}

const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const FLOAT =
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.\d[\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INT =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][\d_]*)|[-+]?0x[\da-fA-F_]+|[-+]?[1-9][\d_]*(?::[0-5]?\d)+)$/;
const TIME =
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/;

/** Resolves a plain scalar. */
export function resolvePlain(text: string): ResolvedScalar {
  if (text === "" || text === "~" || /^(?:null|Null|NULL)$/.test(text)) {
    return { value: null, tag: "null" };
  }
  if (BOOL.test(text)) return toBool(text);
  if (INT.test(text)) return toInt(text);
  if (FLOAT.test(text)) return toFloat(text);
  if (TIME.test(text)) {
    return {
      value: text,
      tag: "time",
      fault: `${text} is read as a date, which JSON cannot hold; put it in quotes`,
    };
  }
  if (text === "=")
    return { value: text, tag: "str", fault: "a bare = has no value; put it in quotes" };
  return { value: text, tag: "str" };
}

/** `yes`, `on`, `true` and their like, in the spellings that PyYAML knows. */
export function toBool(text: string): ResolvedScalar {
  const word = text.toLowerCase();
  const value = word === "yes" || word === "true" || word === "on";
  if (word === "true" || word === "false") return { value, tag: "bool" };
  return {
    value,
    tag: "bool",
    surprise: `${text} is read as ${value}; write ${value}, or "${text}"`,
  };
}

/** Binary, octal, decimal, hexadecimal and base 60. */
export function toInt(source: string): ResolvedScalar {
  const text = source.replaceAll("_", "");
  const negative = text.startsWith("-");
  const digits = text.replace(/^[-+]/, "");
  let value: bigint;
  let surprise: string | undefined;
  if (digits.includes(":")) {
    value = digits.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
    surprise = "base 60";
  } else if (/^0[0-7]+$/.test(digits)) {
    value = BigInt(`0o${digits.slice(1)}`);
    surprise = "octal";
  } else {
    value = BigInt(digits === "" ? 0 : digits);
  }
  if (negative) value = -value;
  const number = Number(value);
  const resolved = { value: Number.isSafeInteger(number) ? number : value, tag: "int" as const };
  if (surprise === undefined) return resolved;
  return { ...resolved, surprise: `${source} is read as ${surprise}, ${value}; put it in quotes` };
}

/** Decimal and base 60; what JSON has no word for is a fault. */
export function toFloat(source: string): ResolvedScalar {
  const text = source.replaceAll("_", "").toLowerCase();
  if (/inf$|nan$/.test(text)) {
    return { value: source, tag: "float", fault: `${source} is a number that JSON cannot hold` };
  }
  const negative = text.startsWith("-");
  const digits = text.replace(/^[-+]/, "");
  const size = digits.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  const number = negative ? -size : size;
  const value = Number.isInteger(number) ? new FloatValue(number) : number;
  if (!digits.includes(":")) return { value, tag: "float" };
  return {
    value,
    tag: "float",
    surprise: `${source} is read as base 60, ${number}; put it in quotes`,
  };
}
