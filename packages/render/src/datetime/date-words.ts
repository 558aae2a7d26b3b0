const JUMPS = new Set([
  " ",
  ".",
  ",",
  ";",
  "-",
  "/",
  "'",
  "at",
  "on",
  "and",
  "ad",
  "m",
  "t",
  "of",
  "st",
  "nd",
  "rd",
  "th",
]);
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WEEKDAY_NAMES = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH_NAMES = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const UNITS: Readonly<Record<string, number>> = {
  h: 0,
  hour: 0,
  hours: 0,
  m: 1,
  minute: 1,
  minutes: 1,
  s: 2,
  second: 2,
  seconds: 2,
};

const listed = (word: string, ...lists: readonly (readonly string[])[]): number | undefined => {
  for (const list of lists) {
    const index = list.indexOf(word.toLowerCase());
    if (index >= 0) return index;
  }
  return undefined;
};
/** The weekday of a word, Monday 0. */
export const weekdayIn = (word: string): number | undefined =>
  listed(word, WEEKDAYS, WEEKDAY_NAMES);
/** The month of a word, from 1. */
export const monthIn = (word: string): number | undefined => {
  const index = word.toLowerCase() === "sept" ? 8 : listed(word, MONTHS, MONTH_NAMES);
  return index === undefined ? undefined : index + 1;
};
/** Hours 0, minutes 1, seconds 2. */
export const unitIn = (word: string | undefined): number | undefined =>
  word !== undefined && Object.hasOwn(UNITS, word.toLowerCase())
    ? UNITS[word.toLowerCase()]
    : undefined;
/** am 0, pm 1. */
export const halfIn = (word: string | undefined): number | undefined => {
  const lower = word?.toLowerCase();
  if (lower === "am" || lower === "a") return 0;
  return lower === "pm" || lower === "p" ? 1 : undefined;
};
/** Whether a word means nothing in a date. */
export const isJump = (word: string): boolean => JUMPS.has(word.toLowerCase());
/** Whether a word is a name of UTC. */
export const isUtc = (word: string): boolean => ["utc", "gmt", "z"].includes(word.toLowerCase());
