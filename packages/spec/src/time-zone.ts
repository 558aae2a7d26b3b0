import { text } from "./scalars.ts";

/** The name of a zone of the tz database. */
export const timeZone = text
  .refine((name) => isTimeZone(name), {
    error: 'expected the name of a time zone, such as "Australia/Sydney"',
  })
  .meta({ examples: ["UTC", "Australia/Sydney"] });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
