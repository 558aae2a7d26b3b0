import { type Data, DecimalValue, FloatValue, isMap, LavaError, parseJson } from "@lava/core";
import * as z from "zod";
import { pythonJson } from "../build/python-json.ts";
import type { Plan, ScheduleChange } from "./types.ts";

/** Mark bytes, which JSON does not have, and numbers of more digits than JavaScript keeps. */
const BYTES = "$bytes";
const NUMBER = "$number";

/** Plain data as JSON text that {@link fromText} reads back: numbers keep their digits, bytes stay bytes. */
export function toText(value: unknown): string {
  return `${pythonJson(encode(value), 2)}\n`;
}

/** @throws {LavaError} INVALID_JSON */
export function fromText(text: string): Data {
  return decode(parseJson(text));
}

function encode(value: unknown): Data {
  if (value instanceof Uint8Array) return { [BYTES]: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map((item: unknown) => encode(item));
  if (value instanceof DecimalValue) return { [NUMBER]: value.text };
  if (value instanceof FloatValue) return value;
  if (isMap(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([name, item]) => [name, encode(item)]));
  }
  if (value === undefined) return null;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is left are texts, numbers, booleans and null
  return value as Data;
}

function decode(value: Data): Data {
  if (Array.isArray(value)) return value.map((item: Data) => decode(item));
  if (value === null || typeof value !== "object" || !isMap(value)) return value;
  const bytes = value[BYTES];
  if (typeof bytes === "string") return new Uint8Array(Buffer.from(bytes, "base64"));
  const number = value[NUMBER];
  if (typeof number === "string") return new DecimalValue(number);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, decode(item)]));
}

const item = z.custom<NonNullable<Plan["items"][number]["before"]>>((value) => isMap(value));
const kind = z.enum(["connection", "job", "s3trigger", "rule"]);
const anyKind = z.enum(["connection", "job", "s3trigger", "rule", "payload", "image"]);
const action = z.enum(["create", "update", "delete"]);
const data = z.custom<Data>((value) => value !== undefined);

/** What a project has deployed. */
export const manifestSchema = z.object({
  version: z.literal(1),
  project: z.string(),
  env: z.string(),
  items: z.array(z.object({ kind, id: z.string() })),
  payloads: z.array(z.object({ key: z.string(), sha256: z.string(), etag: z.string().optional() })),
  images: z.array(z.object({ repository: z.string() })).optional(),
});

/** A plan as it is saved. */
export const planSchema: z.ZodType<Plan> = z.object({
  purpose: z.enum(["deploy", "uninstall", "rollback"]),
  project: z.string(),
  env: z.string(),
  realm: z.string(),
  prefix: z.string(),
  dist: z.string(),
  payloadArea: z.string(),
  endpoint: z.string().optional(),
  items: z.array(
    z.object({
      action,
      kind,
      id: z.string(),
      source: z.string().optional(),
      changes: z.array(
        z.object({
          path: z.array(z.union([z.string(), z.number()])),
          before: data.optional(),
          after: data.optional(),
        }),
      ),
      before: item.optional(),
      after: item.optional(),
      revokes: item.optional(),
      note: z.string().optional(),
    }),
  ),
  payloads: z.array(
    z.object({
      action,
      key: z.string(),
      file: z.string().optional(),
      copyOf: z.string().optional(),
      size: z.number(),
      sha256: z.string().optional(),
      md5: z.string().optional(),
      beforeEtag: z.string().optional(),
    }),
  ),
  images: z
    .array(
      z.object({
        action,
        repository: z.string(),
        id: z.string().optional(),
        parts: z.array(z.object({ platform: z.string(), id: z.string() })).optional(),
        tag: z.string().optional(),
        before: z.string().optional(),
        beforeTag: z.string().optional(),
      }),
    )
    .optional(),
  schedules: z
    .array(
      z.object({
        action,
        job: z.string(),
        name: z.string(),
        schedule: z
          .custom<NonNullable<ScheduleChange["schedule"]>>((value) => isMap(value))
          .optional(),
      }),
    )
    .optional(),
  unchanged: z.object({ items: z.number(), payloads: z.number() }),
  skipped: z.array(z.string()),
  orphans: z.array(z.object({ kind: anyKind, id: z.string() })),
  refused: z.array(z.object({ kind: anyKind, id: z.string(), reason: z.string() })),
  warnings: z.array(z.string()),
  fireTimes: z
    .array(
      z.object({
        id: z.string(),
        zone: z.string(),
        before: z.array(z.string()),
        after: z.array(z.string()),
      }),
    )
    .default([]),
  breaks: z
    .array(z.object({ kind, id: z.string(), needs: z.string(), reason: z.string() }))
    .default([]),
  owned: manifestSchema,
});

/**
 * A plan that was saved with {@link toText}.
 *
 * @throws {LavaError} BAD_PLAN
 */
export function readPlan(text: string, name: string): Plan {
  let saved: Data;
  try {
    saved = fromText(text);
  } catch (cause) {
    throw badPlan(name, cause);
  }
  const parsed = planSchema.safeParse(saved);
  if (!parsed.success) throw badPlan(name, parsed.error);
  return parsed.data;
}

function badPlan(name: string, cause: unknown): LavaError {
  return new LavaError("BAD_PLAN", `${name} is not a plan that this version can carry out`, {
    cause,
    hint: "Save one with `lava plan --out FILE`.",
  });
}
