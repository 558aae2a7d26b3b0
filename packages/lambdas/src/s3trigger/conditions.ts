import {
  type Data,
  DecimalValue,
  errorText,
  FloatValue,
  fnmatch,
  LavaError,
  parseSize,
} from "@lava/core";
import type { StoredS3Trigger } from "@lava/spec";
import type { S3Event } from "./s3-event.ts";
import { unquotePlus } from "./unquote-plus.ts";

/** One condition of a trigger, and how an event meets it. */
export interface CheckedCondition {
  /** `if_fnmatch`, `if_not_size_gt`, ... */
  readonly name: string;
  readonly expected: Data;
  /** What the event has; null when it does not say. */
  readonly actual: string | number | null;
  readonly holds: boolean;
}

interface Check {
  readonly actual: (event: S3Event) => string | number | null;
  /** An event that does not tell what is asked for never meets it (LAM-217). */
  readonly test: (event: S3Event, expected: Data) => boolean;
}

const checks: Readonly<Record<string, Check>> = {
  fnmatch: {
    actual: ({ key }) => key,
    test: ({ key }, expected) => {
      const globs = textsOf(expected, "glob patterns must be a string or list of strings");
      // The original decodes the key once more; globs that were written for that still match (LAM-218, TRIG-04).
      const legacy = unquotePlus(key);
      return globs.some((glob) => fnmatch(key, glob) || (legacy !== key && fnmatch(legacy, glob)));
    },
  },
  size_gt: {
    actual: ({ size }) => size,
    test: ({ size }, expected) => {
      const limit = sizeOf(expected);
      return size !== null && size > limit;
    },
  },
  event_type: {
    actual: ({ event_type }) => event_type,
    test: ({ event_type }, expected) => {
      if (typeof expected !== "string") throw badCondition("an event type must be a string");
      return event_type !== null && fnmatch(event_type, expected);
    },
  },
};

/**
 * Checks each condition of a trigger; all have to hold (LAM-209, TRIG-04).
 *
 * @throws {LavaError} BAD_TRIGGER_RECORD for a condition that cannot be checked
 */
export function checkConditions(
  { conditions }: Pick<StoredS3Trigger, "conditions">,
  event: S3Event,
): CheckedCondition[] {
  return Object.entries(conditions).map(([name, expected]) => {
    const isNegated = name.startsWith("if_not_");
    const check = checks[name.replace(/^if_(?:not_)?/, "")];
    if (check === undefined) throw badCondition(`${name}: Unknown condition type`);
    try {
      const holds = check.test(event, expected) !== isNegated;
      return { name, expected, actual: check.actual(event), holds };
    } catch (error) {
      if (error instanceof LavaError && error.code === "BAD_TRIGGER_RECORD") throw error;
      throw badCondition(`${name}: ${errorText(error)}`, error);
    }
  });
}

function textsOf(value: Data, fault: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item === "string") return item;
    throw badCondition(fault);
  });
}

function sizeOf(value: Data): number {
  if (value instanceof DecimalValue) return value.valueOf();
  if (value instanceof FloatValue) return value.value;
  if (typeof value === "number") return value;
  if (typeof value === "string") return parseSize(value);
  throw badCondition("a size must be a number or text");
}

function badCondition(message: string, cause?: unknown): LavaError {
  return new LavaError("BAD_TRIGGER_RECORD", `Bad trigger spec: ${message}`, {
    retry: "never",
    ...(cause === undefined ? {} : { cause }),
  });
}
