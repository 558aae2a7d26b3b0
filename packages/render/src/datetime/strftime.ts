import {
  floorDiv,
  floorMod,
  isoCalendar,
  offsetText,
  pad,
  toOrdinal,
  weekdayOf,
  yearDay,
} from "./calendar.ts";
import { localZone } from "./zone.ts";

/** What strftime prints. */
export interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** Seconds east of UTC; undefined for naive times. */
  readonly offset: number | undefined;
  readonly zone: string;
  /** Summer time: 1 yes, 0 no, -1 not known. */
  readonly dst: number;
  /** Seconds since 1970 of the fields as local time: `%s`. */
  readonly epoch: () => number;
}

/** C locale. */
export const DAY_NAMES = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
] as const;
/** C locale. */
export const MONTH_NAMES = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

const DIRECTIVE = /%([-_0^#]*)(\d*)([EO]?)(.?)/gsu;

/** Directives that do not take a modifier. */
const NO_MODIFIER: Readonly<Record<string, string>> = {
  E: "aAbBdDeFgGhHIjklmMSUVwW",
  O: "aAcDFxXY",
};

/** Formats a time as glibc does, flags and widths too (T-35). */
export function strftime(moment: Moment, format: string): string {
  return format.replace(
    DIRECTIVE,
    (all, flags: string, width: string, modifier: string, directive: string) => {
      const isBad = NO_MODIFIER[modifier]?.includes(directive) === true;
      const isExact = all.length === 2;
      const field = isBad ? undefined : fieldOf(directive, moment, isExact);
      if (field !== undefined) return finish(field, flags, width, directive, moment);
      // What is no directive stays, but at the width that it asks for.
      const text = flags.includes("^") ? all.toUpperCase() : all;
      return directive === "" ? all : padded(text, flags, width);
    },
  );
}

/** A number with its usual padding, or a text. */
type Field = string | { readonly number: number; readonly width: number; readonly pad: "0" | " " };

const padFlag = (flags: string): string | undefined => flags.replace(/[\^#]/g, "").at(-1);

const padded = (text: string, flags: string, width: string): string =>
  text.padStart(Number(width), padFlag(flags) === "0" ? "0" : " ");

/** Directives whose letters `#` makes large. */
const ENLARGED = "aAbBh";

function finish(
  field: Field,
  flags: string,
  width: string,
  directive: string,
  moment: Moment,
): string {
  if (directive === "z" && flags + width !== "") return systemOffset(moment, flags, width);
  if (typeof field !== "string") return finishNumber(field, flags, width);
  let text = field;
  const isSmall = flags.includes("#") && (directive === "p" || directive === "Z");
  const isLarge = flags.includes("^") || (flags.includes("#") && ENLARGED.includes(directive));
  if (isSmall) text = text.toLowerCase();
  else if (isLarge && directive !== "P") text = text.toUpperCase();
  return padded(text, flags, width);
}

function finishNumber(field: Exclude<Field, string>, flags: string, width: string): string {
  const flag = padFlag(flags);
  const sign = field.number < 0 ? "-" : "";
  const digits = String(Math.abs(field.number));
  const usual = flag === "-" ? 0 : field.width;
  const fill = flag === "-" || flag === "_" ? " " : flag === "0" ? "0" : field.pad;
  return sign + digits.padStart(Math.max(usual, Number(width)), fill);
}

/** The C library does not know the offset of a datetime: with flags, it prints none or its own zero. */
function systemOffset(moment: Moment, flags: string, width: string): string {
  if (moment.dst < 0) return "";
  const size = Math.max(4, Number(width));
  const flag = padFlag(flags);
  const fill = flag === "-" || flag === "_" ? " " : "0";
  const zeros = "0".padStart(flag === "-" ? Number(width) : size, fill);
  return `${(flag === "0" ? "0" : " ").repeat(Math.max(0, Number(width) - 1))}+${zeros}`;
}

const zero = (number: number, width = 2): Field => ({ number, width, pad: "0" });
const blank = (number: number, width = 2): Field => ({ number, width, pad: " " });

/** The name that the C library has for a time of this host. */
function systemZone(dst: number): string {
  if (dst < 0) return "";
  const names = [0, 6].map((month) => Date.UTC(2025, month, 15) / 1000);
  const found = names.find((wall) => (localZone.dstAt(wall, 0) !== 0) === dst > 0);
  return found === undefined ? "" : (localZone.nameAt(found, 0) ?? "");
}

function fieldOf(directive: string, at: Moment, isExact: boolean): Field | undefined {
  const ordinal = toOrdinal(at.year, at.month, at.day);
  const weekday = weekdayOf(ordinal);
  const day = DAY_NAMES[weekday] ?? "";
  const month = MONTH_NAMES[at.month - 1] ?? "";
  const sunday = floorMod(weekday + 1, 7);
  const ofYear = yearDay(at.year, at.month, at.day);
  const iso = isoCalendar(ordinal, at.year);
  const hour12 = at.hour % 12 === 0 ? 12 : at.hour % 12;
  const join = (format: string): string => strftime(at, format);
  switch (directive) {
    case "a":
      return day.slice(0, 3);
    case "A":
      return day;
    case "b":
    case "h":
      return month.slice(0, 3);
    case "B":
      return month;
    case "c":
      return join("%a %b %e %H:%M:%S %Y");
    case "C":
      return zero(floorDiv(at.year, 100), 1);
    case "d":
      return zero(at.day);
    case "D":
    case "x":
      return join("%m/%d/%y");
    case "e":
      return blank(at.day);
    case "f":
      return isExact ? pad(at.microsecond, 6) : undefined;
    case "F":
      return join("%Y-%m-%d");
    case "g":
      return zero(iso.year % 100);
    case "G":
      return zero(iso.year, 1);
    case "H":
      return zero(at.hour);
    case "I":
      return zero(hour12);
    case "j":
      return zero(ofYear, 3);
    case "k":
      return blank(at.hour);
    case "l":
      return blank(hour12);
    case "m":
      return zero(at.month);
    case "M":
      return zero(at.minute);
    case "n":
      return "\n";
    case "p":
      return at.hour < 12 ? "AM" : "PM";
    case "P":
      return at.hour < 12 ? "am" : "pm";
    case "r":
      return join("%I:%M:%S %p");
    case "R":
      return join("%H:%M");
    case "s":
      return String(at.epoch());
    case "S":
      return zero(at.second);
    case "t":
      return "\t";
    case "T":
    case "X":
      return join("%H:%M:%S");
    case "u":
      return zero(weekday + 1, 1);
    case "U":
      return zero(floorDiv(ofYear + 6 - sunday, 7));
    case "V":
      return zero(iso.week);
    case "w":
      return zero(sunday, 1);
    case "W":
      return zero(floorDiv(ofYear + 6 - weekday, 7));
    case "y":
      return zero(at.year % 100);
    case "Y":
      return zero(at.year, 1);
    case "z":
      return at.offset === undefined ? "" : offsetText(at.offset, "");
    case "Z":
      return isExact ? at.zone : systemZone(at.dst);
    case "%":
      return "%";
    default:
      return undefined;
  }
}
