import { typeError } from "../values/error.ts";
import { typeName, type Value } from "../values/value.ts";
import { PyTimedelta } from "./timedelta.ts";
import { Zone } from "./zone.ts";

/** A `tzinfo` argument; what is absent is `usual`. */
export function zoneArgument(value: Value | undefined, usual: Zone | null): Zone | null {
  if (value === undefined) return usual;
  if (value === null || value instanceof Zone) return value;
  throw typeError(
    `tzinfo argument must be None or of a tzinfo subclass, not type '${typeName(value)}'`,
  );
}

/** Seconds as a timedelta, None where there are none. */
export const deltaOf = (seconds: number | null | undefined): Value =>
  seconds === null || seconds === undefined ? null : new PyTimedelta(BigInt(seconds) * 1_000_000n);
