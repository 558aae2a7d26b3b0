import { type Data, DecimalValue, FloatValue, isMap } from "@lava/core";
import * as z from "zod";
import { lenientRules } from "./lenient-rules.ts";

/** Any value that a record can hold. */
export const data = z.unknown().transform((value, context): Data => {
  if (isData(value)) return value;
  context.issues.push({
    code: "custom",
    input: value,
    message: value === undefined ? "required field is missing" : "not a value that can be stored",
  });
  return z.NEVER;
});
data.register(lenientRules, {
  read: (value) => (isData(value) ? { value } : { fault: "not a value that can be stored" }),
});

/** Any map of values. */
export const dataMap = z.record(z.string(), data);

/** Whether a value is something that a record, a message or a template can hold. */
export function isData(value: unknown): value is Data {
  if (value === null) return true;
  if (Array.isArray(value)) return value.every((item) => isData(item));
  if (value instanceof FloatValue || value instanceof DecimalValue || value instanceof Uint8Array)
    return true;
  if (isMap(value)) return Object.values(value).every((item) => isData(item));
  return ["string", "number", "boolean", "bigint"].includes(typeof value);
}

/** Text with at least one character. */
export const text = z.string().min(1);

/** True or false, never text or a number. */
export const flag = z.boolean();

const NUMBER = String.raw`(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;

const DURATION = 'expected a duration: a number and one of w d h m s, such as "10m"';
const SIZE =
  'expected a size: a number and a unit such as K, MB or MiB (case matters), like "100K"';
const POSITIVE = "expected a whole number, 1 or more";

/** A duration as lava reads it (WK-175), not negative: `"10m"`, `"1.5h"`, `30` (seconds). */
export const duration = z
  .union(
    [
      z
        .string()
        .regex(new RegExp(String.raw`^\s*\+?${NUMBER}\s*[wdhms]?\s*$`), { error: DURATION }),
      z.number().min(0, { error: DURATION }),
    ],
    { error: DURATION },
  )
  .meta({ examples: ["10m", "1.5h", 30] });

/** A size as lava reads it (WK-176): `"100K"`, `"2MiB"`, `4096` (bytes). */
export const size = z
  .union(
    [
      z.string().regex(new RegExp(String.raw`^\s*(?:\d+|${NUMBER}\s*(?:B|[KMGTP](?:iB|B)?))\s*$`), {
        error: SIZE,
      }),
      z.number().min(0, { error: SIZE }),
    ],
    { error: SIZE },
  )
  .meta({ examples: ["100K", "2MiB", 4096] });

/** A whole number from 1, or its digits as text. */
export const positive = z.union(
  [z.int().min(1, { error: POSITIVE }), z.string().regex(/^[1-9][0-9]*$/, { error: POSITIVE })],
  { error: POSITIVE },
);

/** Text, or a list of texts. */
export const textOrList = z.union([text, z.array(text)], {
  error: "expected text or a list of texts",
});

/** A mail address, alone or as `Name <address>`. */
export const mailAddress = z.string().regex(/^[^@]+@[^@\s]+$/, {
  error: 'expected a mail address, such as "team@example.com"',
});

/** One mail address or a list of them. */
export const mailAddresses = z.union([mailAddress, z.array(mailAddress)], {
  error: 'expected a mail address such as "team@example.com", or a list of them',
});

/** ARN of an SNS topic. */
export const topicArn = text.regex(/^arn:aws[-a-z]*:sns:/, {
  error: 'expected the ARN of a topic, "arn:aws:sns:..."',
});

/** The name of an AWS region. */
export const awsRegion = z.string().regex(/^[a-z]{2,}(?:-[a-z]+)+-\d+$/, {
  error: 'expected the name of an AWS region, such as "eu-central-1"',
});

/** The name of an S3 bucket. */
export const bucketName = z.string().regex(/^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$/, {
  error: "expected the name of an S3 bucket: 3 to 63 small letters, digits, dots and hyphens",
});

/** A place in S3, `s3://bucket/prefix`. */
export const s3Location = z.string().regex(/^s3:\/\/[a-z0-9][-.a-z0-9]{1,61}[a-z0-9](?:\/.*)?$/, {
  error: 'expected a place in S3, such as "s3://my-bucket/payloads"',
});

/**
 * One argument of a command. Anything but text is turned into text as Python's `str()` does when the job runs
 * (WK-102).
 */
export const argument = z
  .union([z.string(), z.number()], { error: "expected text or a number" })
  .transform((value) => pythonText(value));
argument.register(lenientRules, {
  read: (value) =>
    isMap(value) || Array.isArray(value)
      ? { fault: "expected text or a number" }
      : { value: pythonText(value) },
});

/** The text that Python's `str()` gives for a simple value. */
export function pythonText(value: unknown): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null || value === undefined) return "None";
  if (value instanceof FloatValue) return value.value.toFixed(1);
  if (value instanceof DecimalValue) return value.text;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return JSON.stringify(value);
}

/** One choice of a list of words; `refusal` is the original's text for any other value met at run time. */
export function choice<const T extends readonly [string, ...string[]]>(
  words: T,
  refusal?: (word: string) => string,
): z.ZodEnum<{ [W in T[number]]: W }> {
  const schema = z.enum(words);
  return refusal === undefined
    ? schema
    : schema.register(lenientRules, { refusal: (value) => refusal(pythonText(value)) });
}
