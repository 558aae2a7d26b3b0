import { PyError, valueError } from "../values/error.ts";
import { unicodeDigits } from "../values/numbers.ts";
import { textRepr } from "../values/text.ts";
import { fromIsoCalendar, fromOrdinal, isoWeeks, toOrdinal, weekdayOf } from "./calendar.ts";
import { readOffset } from "./iso.ts";
import { DAY_NAMES, MONTH_NAMES } from "./strftime.ts";
import { localZone } from "./zone.ts";

/** What strptime found. */
export interface Parsed {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly offset: number | undefined;
  readonly zone: string | undefined;
}

const short = (names: readonly string[]): string => names.map((name) => name.slice(0, 3)).join("|");

/** The zone names that `%Z` knows: of UTC and of this host. */
const zoneWords = (): string[] => {
  const winter = localZone.nameAt(Date.UTC(2025, 0, 15) / 1000, 0) ?? "";
  const summer = localZone.nameAt(Date.UTC(2025, 6, 15) / 1000, 0) ?? "";
  return ["UTC", "GMT", winter, summer].filter((name) => /^[A-Za-z]+$/.test(name));
};

/** The parts of a pattern; their texts count for the positions in errors. */
const patterns = (): Readonly<Record<string, string>> => ({
  d: "3[0-1]|[1-2]\\d|0[1-9]|[1-9]| [1-9]",
  f: "[0-9]{1,6}",
  H: "2[0-3]|[0-1]\\d|\\d",
  I: "1[0-2]|0[1-9]|[1-9]",
  G: "\\d\\d\\d\\d",
  j: "36[0-6]|3[0-5]\\d|[1-2]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]",
  m: "1[0-2]|0[1-9]|[1-9]",
  M: "[0-5]\\d|\\d",
  S: "6[0-1]|[0-5]\\d|\\d",
  U: "5[0-3]|[0-4]\\d|\\d",
  W: "5[0-3]|[0-4]\\d|\\d",
  V: "5[0-3]|0[1-9]|[1-4]\\d|\\d",
  w: "[0-6]",
  u: "[1-7]",
  y: "\\d\\d",
  Y: "\\d\\d\\d\\d",
  z: "[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|(?-i:Z)",
  A: DAY_NAMES.join("|"),
  a: short(DAY_NAMES),
  B: MONTH_NAMES.join("|"),
  b: short(MONTH_NAMES),
  p: "am|pm",
  Z: zoneWords().join("|"),
});

const COMPOUND: Readonly<Record<string, string>> = {
  c: "%a %b %d %H:%M:%S %Y",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
};

/** Reads a time by a format. */
export function strptime(text: string, format: string): Parsed {
  const known = patterns();
  const names: string[] = [];
  const expanded = format.replace(/%([cxX])/g, (_all, name: string) => COMPOUND[name] ?? "");
  let size = 0;
  const source = expanded
    .replace(/[\\.^$*+?(){}[\]|]/g, "\\$&")
    .replace(/\s+/g, "\\s+")
    .replace(/%(.?)/gsu, (_all, directive: string, at: number) => {
      if (directive === "%") return "%";
      if (directive === "") throw valueError(`stray % in format '${format}'`);
      const pattern = Object.hasOwn(known, directive) ? known[directive] : undefined;
      if (pattern === undefined) {
        const shown = directive === "\\" ? "%" : directive;
        throw valueError(`'${shown}' is a bad directive in format '${format}'`);
      }
      if (names.includes(directive)) {
        throw new PyError(
          "re.error",
          `redefinition of group name '${directive}' as group ${names.length + 1}; was group ${names.indexOf(directive) + 1} at position ${at + size + 4}`,
        );
      }
      names.push(directive);
      // "(?P<d>...)" in the place of "%d".
      size += pattern.length + 5;
      return `(${pattern})`;
    });
  const match = new RegExp(`^${source.replaceAll("\\d", "\\p{Nd}")}`, "iu").exec(text);
  if (match === null) {
    throw valueError(`time data ${textRepr(text)} does not match format ${textRepr(format)}`);
  }
  if (match[0].length !== text.length) {
    throw valueError(`unconverted data remains: ${text.slice(match[0].length)}`);
  }
  return assemble(
    new Map(names.map((name, index) => [name, unicodeDigits(match[index + 1] ?? "")])),
  );
}

const indexIn = (names: readonly string[], text: string): number =>
  names.findIndex((name) => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase());

function assemble(found: ReadonlyMap<string, string>): Parsed {
  const number = (name: string): number | undefined => {
    const text = found.get(name);
    return text === undefined ? undefined : Number(text);
  };
  const short = number("y");
  const year =
    number("Y") ?? (short === undefined ? undefined : short + (short <= 68 ? 2000 : 1900));
  const monthName = found.get("B") ?? found.get("b");
  const month =
    number("m") ?? (monthName === undefined ? undefined : indexIn(MONTH_NAMES, monthName) + 1);
  const zoneText = found.get("z");
  const name = found.get("Z")?.toUpperCase();
  return {
    ...dateOf(found, number, year, month),
    hour: hourOf(number, found.get("p")?.toLowerCase()),
    minute: number("M") ?? 0,
    second: number("S") ?? 0,
    microsecond: Number((found.get("f") ?? "").padEnd(6, "0")),
    offset: zoneText === undefined ? undefined : offsetOf(zoneText),
    zone: zoneText === undefined ? undefined : name,
  };
}

/** Seconds of `%z`, colons all or none. */
function offsetOf(text: string): number {
  if (text === "Z") return 0;
  if (text[3] === ":" && text.length > 6 && text[6] !== ":") {
    throw valueError(`Inconsistent use of : in ${text}`);
  }
  if (text[3] !== ":" && text[5] === ":") {
    throw valueError(`invalid literal for int() with base 10: '${text.slice(5, 7)}'`);
  }
  return readOffset(text);
}

function hourOf(number: (name: string) => number | undefined, half: string | undefined): number {
  const twelve = number("I");
  if (twelve === undefined) return number("H") ?? 0;
  if (half === "pm") return twelve === 12 ? 12 : twelve + 12;
  return twelve === 12 && (half === "am" || half === undefined) ? 0 : twelve;
}

function dateOf(
  found: ReadonlyMap<string, string>,
  number: (name: string) => number | undefined,
  year: number | undefined,
  month: number | undefined,
): { year: number; month: number; day: number } {
  const dayName = found.get("A") ?? found.get("a");
  const sunday = number("w");
  const isoDay = number("u");
  const weekday =
    dayName !== undefined
      ? indexIn(DAY_NAMES, dayName)
      : sunday !== undefined
        ? (sunday + 6) % 7
        : isoDay === undefined
          ? undefined
          : isoDay - 1;
  const ofYear = number("j");
  const isoYear = number("G");
  const isoWeek = number("V");
  if (isoYear !== undefined) {
    if (ofYear !== undefined) {
      throw valueError(
        "Day of the year directive '%j' is not compatible with ISO year directive '%G'. Use '%Y' instead.",
      );
    }
    if (isoWeek === undefined || weekday === undefined) {
      throw valueError(
        "ISO year directive '%G' must be used with the ISO week directive '%V' and a weekday directive ('%A', '%a', '%w', or '%u').",
      );
    }
    if (isoWeek < 1 || isoWeek > isoWeeks(isoYear)) throw valueError(`Invalid week: ${isoWeek}`);
    return fromOrdinal(fromIsoCalendar(isoYear, isoWeek, weekday + 1));
  }
  if (isoWeek !== undefined) {
    throw valueError(
      year === undefined || weekday === undefined
        ? "ISO week directive '%V' must be used with the ISO year directive '%G' and a weekday directive ('%A', '%a', '%w', or '%u')."
        : "ISO week directive '%V' is incompatible with the year directive '%Y'. Use the ISO year '%G' instead.",
    );
  }
  if (ofYear !== undefined) {
    return fromOrdinal(toOrdinal(year ?? 1900, 1, 1) + ofYear - 1);
  }
  const week = number("U") ?? number("W");
  if (week !== undefined && weekday !== undefined) {
    const firstDay = weekdayOf(toOrdinal(year ?? 1900, 1, 1));
    const startsSunday = number("U") !== undefined;
    const first = startsSunday ? (firstDay + 1) % 7 : firstDay;
    const wanted = startsSunday ? (weekday + 1) % 7 : weekday;
    const week0 = (7 - first) % 7;
    const day = week === 0 ? wanted - first : week0 + 7 * (week - 1) + wanted;
    return fromOrdinal(toOrdinal(year ?? 1900, 1, 1) + day);
  }
  const day = number("d");
  return { year: year ?? 1900, month: month ?? 1, day: day ?? 1 };
}
