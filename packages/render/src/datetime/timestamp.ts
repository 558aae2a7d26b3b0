import { FloatValue } from "@lava/core";
import { PyError, valueError } from "../values/error.ts";
import { indexNumber, type Value } from "../values/value.ts";
import { EPOCH_ORDINAL, floorDiv, fromOrdinal, LAST_ORDINAL } from "./calendar.ts";
import { PyDateTime } from "./datetime.ts";
import { localZone, type Zone } from "./zone.ts";

/** Whole seconds and microseconds of a timestamp, as CPython rounds it: half to even. */
function split(timestamp: Value): { seconds: number; micros: number } {
  const number = timestamp instanceof FloatValue ? timestamp.value : timestamp;
  if (typeof number === "bigint") throw outOfRange();
  if (typeof number !== "number") return { seconds: indexNumber(number), micros: 0 };
  if (Number.isNaN(number)) throw valueError("Invalid value NaN (not a number)");
  if (Math.abs(number) >= 2 ** 63) throw outOfRange();
  let seconds = Math.trunc(number);
  let micros = halfEven((number - seconds) * 1_000_000);
  if (micros < 0) {
    micros += 1_000_000;
    seconds--;
  }
  if (micros >= 1_000_000) {
    micros -= 1_000_000;
    seconds++;
  }
  return { seconds, micros };
}

function halfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const outOfRange = (): PyError =>
  new PyError("OverflowError", "timestamp out of range for platform time_t");

/** The datetime of a timestamp; without a zone, naive and local. */
export function fromTimestamp(timestamp: Value, zone: Zone | null): PyDateTime {
  const { seconds, micros } = split(timestamp);
  const ordinal = floorDiv(seconds, 86_400) + EPOCH_ORDINAL;
  if (ordinal < 1 || ordinal > LAST_ORDINAL) {
    const year = Math.abs(seconds) > 1e15 ? undefined : fromOrdinal(ordinal).year;
    throw year === undefined ? outOfRange() : valueError(`year ${year} is out of range`);
  }
  const moved = PyDateTime.fromUtc(seconds, micros, zone ?? localZone);
  return zone === null ? new PyDateTime(moved.date, moved.time, null) : moved;
}
