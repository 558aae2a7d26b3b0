import type { PyObject } from "../values/value.ts";
import { PyDate } from "./date.ts";
import { isoParse } from "./iso-parser.ts";

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d\d?)(?::(\d\d))?))?$/;

/**
 * The date or datetime that PyYAML makes of a plain scalar: a value for templates. Undefined for a text that is
 * none, also where month or hour are out of range.
 */
export function pyYamlTime(text: string): PyObject | undefined {
  try {
    const date = DATE.exec(text);
    if (date !== null) return new PyDate(Number(date[1]), Number(date[2]), Number(date[3]));
    const match = TIME.exec(text);
    if (match === null) return undefined;
    const [, year, month, day, hour, minute, second, fraction = "", zone, sign, hours, minutes] =
      match;
    const two = (part: string | undefined): string => (part ?? "").padStart(2, "0");
    const offset = sign === undefined ? (zone ?? "") : `${sign}${two(hours)}:${two(minutes)}`;
    const micros = fraction.slice(0, 6).padEnd(6, "0");
    return isoParse(
      `${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}.${micros}${offset}`,
    );
  } catch {
    return undefined;
  }
}
