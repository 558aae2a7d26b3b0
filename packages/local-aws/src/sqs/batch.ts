import { AwsError } from "../errors.ts";
import type { JsonObject } from "../protocols/json.ts";
import { batchError, missingParameter } from "./errors.ts";
import { objectList, optionalString } from "./input.ts";

/** Why one entry of a batch was refused. */
export interface FailedEntry {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
}

/** What a batch operation answers. */
export interface BatchResult {
  readonly Successful: readonly Readonly<Record<string, unknown>>[];
  readonly Failed: readonly FailedEntry[];
}

const MAX_ENTRIES = 10;
const MAX_BYTES = 1_048_576;

/** Runs each entry of a batch; what one throws is reported for it alone. */
export function runBatch(
  input: JsonObject,
  run: (entry: JsonObject, id: string) => Readonly<Record<string, unknown>>,
): BatchResult {
  const entries = objectList(input, "Entries");
  checkEntries(entries);
  const Successful: Readonly<Record<string, unknown>>[] = [];
  const Failed: FailedEntry[] = [];
  for (const entry of entries) {
    const id = optionalString(entry, "Id") ?? "";
    try {
      Successful.push({ Id: id, ...run(entry, id) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const code = error.options.queryCode ?? error.code;
      Failed.push({ Id: id, SenderFault: true, Code: code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

/** Throws BatchRequestTooLong when the messages of a batch are too long together. */
export function checkBatchSize(sizes: readonly number[]): void {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= MAX_BYTES) return;
  throw batchError(
    "BatchRequestTooLong",
    `Batch requests cannot be longer than ${MAX_BYTES} bytes. You have sent ${total} bytes.`,
  );
}

function checkEntries(entries: readonly JsonObject[]): void {
  if (entries.length === 0) {
    throw batchError("EmptyBatchRequest", "There should be at least one entry in the request.");
  }
  if (entries.length > MAX_ENTRIES) {
    throw batchError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    );
  }
  const ids = new Set<string>();
  for (const entry of entries) {
    const id = optionalString(entry, "Id");
    if (id === undefined) throw missingParameter("Id");
    if (!/^[\w-]{1,80}$/.test(id)) {
      throw batchError(
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
      );
    }
    if (ids.has(id)) throw batchError("BatchEntryIdsNotDistinct", `Id ${id} repeated.`);
    ids.add(id);
  }
}
