import { floorDiv, floorMod } from "../datetime/calendar.ts";
import { PyDate } from "../datetime/date.ts";
import { valueError } from "../values/error.ts";

/** How Easter is reckoned: by the Julian calendar, by it but written in the Gregorian one, or as the West does. */
export const EASTER_METHODS = { EASTER_JULIAN: 1, EASTER_ORTHODOX: 2, EASTER_WESTERN: 3 } as const;

/** Easter Sunday of a year. */
export function easter(year: number, method: number = EASTER_METHODS.EASTER_WESTERN): PyDate {
  if (method < 1 || method > 3) throw valueError("invalid method");
  const golden = floorMod(year, 19);
  const fullMoon = method === EASTER_METHODS.EASTER_WESTERN ? westernMoon(year, golden) : undefined;
  // Days from 21 March to the full moon, and the weekday on which it falls.
  const moon = fullMoon ?? floorMod(19 * golden + 15, 30);
  const weekday =
    fullMoon === undefined
      ? floorMod(year + floorDiv(year, 4) + moon, 7)
      : floorMod(
          year + floorDiv(year, 4) + moon + 2 - floorDiv(year, 100) + floorDiv(year, 400),
          7,
        );
  let days = moon - weekday;
  if (method === EASTER_METHODS.EASTER_ORTHODOX) {
    const century = floorDiv(year, 100);
    days += 10 + (year > 1600 ? century - 16 - floorDiv(century - 16, 4) : 0);
  }
  const day = 1 + floorMod(days + 27 + floorDiv(days + 6, 40), 31);
  return new PyDate(year, 3 + floorDiv(days + 26, 30), day);
}

/** The epact of the Gregorian calendar, as days after 21 March. */
function westernMoon(year: number, golden: number): number {
  const century = floorDiv(year, 100);
  const age = floorMod(
    century - floorDiv(century, 4) - floorDiv(8 * century + 13, 25) + 19 * golden + 15,
    30,
  );
  const late = floorDiv(21 - golden, 11);
  const isLate = floorDiv(29, age + 1);
  return age - floorDiv(age, 28) * (1 - isLate * late);
}
