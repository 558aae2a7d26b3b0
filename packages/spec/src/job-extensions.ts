import { type DataMap, LavaError } from "@lava/core";
import * as z from "zod";
import { extensionFields } from "./job/extension-fields.ts";
import { readLenient } from "./read-lenient.ts";

const schema = z.object(extensionFields);

/** What a job says beyond the original, by the names of its record (design 5). */
export type JobExtensions = z.output<typeof schema>;

/**
 * Reads the `x-lava-*` fields of a stored job. Fields of others are left alone; the kind of each value is checked,
 * and numbers may be as DynamoDB has them.
 *
 * @throws {LavaError} BAD_JOB_EXTENSION with the name of the field
 */
export function parseJobExtensions(record: DataMap): JobExtensions {
  const found: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(extensionFields)) {
    const value = record[name];
    if (value === undefined || value === null) continue;
    const reading = readLenient(field, value);
    if ("fault" in reading) throw bad(name, reading.fault);
    found[name] = reading.value;
  }
  if (Object.keys(found).length === 0) return {};
  const result = schema.safeParse(found);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw bad(issue?.path.join(".") ?? "x-lava", issue?.message ?? "unknown fault");
}

function bad(name: string, fault: string): LavaError {
  return new LavaError("BAD_JOB_EXTENSION", `Bad ${name}: ${fault}`, {
    retry: "never",
    hint: "`lava check` shows what the field may be.",
  });
}
