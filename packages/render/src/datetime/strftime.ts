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

const DIRECTIVE = /%([-_0^#]*)(\d*)(?:[EO]?)([a-zA-Z%+])/g;

/** Formats a time as glibc does, flags and widths too (T-35). */
export function strftime(moment: Moment, format: string): string {
  return format.replace(DIRECTIVE, (all, flags: string, width: string, directive: string) => {
    const field = fieldOf(directive, moment);
    if (field === undefined) return all;
    return finish(field, flags, width);
  });
}

/** A number with its usual padding, or a text. */
type Field = string | { readonly number: number; readonly width: number; readonly pad: "0" | " " };

function finish(field: Field, flags: string, width: string): string {
  const flag = flags.replace(/[\^#]/g, "").at(-1);
  let text: string;
  if (typeof field === "string") {
    text =
      flags.includes("^") || (flags.includes("#") && field !== field.toUpperCase())
        ? field.toUpperCase()
        : flags.includes("#")
          ? field.toLowerCase()
          : field;
    const fill = flag === "0" ? "0" : " ";
    return width === "" || flag === "-" ? text : text.padStart(Number(width), fill);
  }
  const sign = field.number < 0 ? "-" : "";
  text = String(Math.abs(field.number));
  if (flag === "-") return sign + text;
  const fill = flag === "_" ? " " : flag === "0" ? "0" : field.pad;
  return sign + text.padStart(width === "" ? field.width : Number(width), fill);
}

const zero = (number: number, width = 2): Field => ({ number, width, pad: "0" });
const blank = (number: number, width = 2): Field => ({ number, width, pad: " " });

function fieldOf(directive: string, at: Moment): Field | undefined {
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
      return zero(floorDiv(at.year, 100));
    case "d":
      return zero(at.day);
    case "D":
    case "x":
      return join("%m/%d/%y");
    case "e":
      return blank(at.day);
    case "f":
      return pad(at.microsecond, 6);
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
      return zero(at.epoch(), 1);
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
      return at.zone;
    case "%":
      return "%";
    default:
      return undefined;
  }
}
