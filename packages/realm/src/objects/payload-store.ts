import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Data, DecimalValue, FloatValue, LavaError, type Logger, parseSize } from "@lava/core";
import type { DownloadOptions, PayloadFile, PayloadStore } from "./payload-types.ts";
import type { ObjectStore, StoredObject } from "./types.ts";

/** What a payload store needs. */
export interface PayloadStoreOptions {
  readonly objects: ObjectStore;
  readonly logger: Logger;
  /** PAYLOAD_DOWNLOADER. */
  readonly version: string;
}

/** The payload area of a realm. */
export function openPayloadStore({ objects, logger, version }: PayloadStoreOptions): PayloadStore {
  /** The objects that a payload names: its key is a prefix, one level deep (WK-091). */
  async function find(payload: string, exact: boolean): Promise<StoredObject[]> {
    const listed = await objects.list(payload, { deep: false });
    const found = listed.filter((object) => !object.name.endsWith("/"));
    const same = found.find((object) => object.name === payload);
    if (same === undefined || found.length === 1) return found;
    if (exact) return [same];
    logger.warn(
      { payload, matched: found.map((object) => object.name) },
      "the payload names more than one object: all of them are fetched",
    );
    return found;
  }

  async function fetchAll(
    found: readonly StoredObject[],
    folder: string,
    options: DownloadOptions,
  ): Promise<PayloadFile[]> {
    const limit = options.maxSize === undefined ? undefined : parseSize(options.maxSize);
    const files: PayloadFile[] = [];
    for (const { name, size, uri } of found) {
      options.signal?.throwIfAborted();
      if (limit !== undefined && size > limit) {
        throw badPayload(`${uri}: Payload size ${size} exceeds maximum of ${options.maxSize}`);
      }
      const path = join(folder, basename(name));
      if (/^\.{1,2}$/.test(basename(name))) throw badPayload(`${uri}: Not the name of a file`);
      await objects.getFile(name, path);
      files.push({ name: basename(name), path, size, uri });
    }
    return files.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  }

  let hasWarned = false;
  function warnOnce(): void {
    if (!hasWarned) logger.warn({}, "PAYLOAD_DOWNLOADER v1 is deprecated; set it to v2");
    hasWarned = true;
  }

  /** `v1`: one text, straight into the folder, nothing deeper (WK-093). */
  async function downloadFirstVersion(
    payload: Data,
    folder: string,
    options: DownloadOptions,
  ): Promise<PayloadFile[]> {
    if (typeof payload !== "string") {
      throw badPayload(`Payload must be string not ${pythonType(payload)}`);
    }
    warnOnce();
    const all = await objects.list(payload);
    if (all.some((object) => object.name.slice(payload.length).includes("/"))) {
      throw badPayload(`${objects.uri(payload)}: Recursive download not supported`);
    }
    const found = await find(payload, options.exact ?? false);
    if (found.length === 0) throw badPayload("No payload files downloaded from S3");
    return fetchAll(found, folder, options);
  }

  return {
    ...objects,
    async download(payload, folder, options = {}) {
      const wanted = options.version ?? version;
      if (wanted === "v1") return downloadFirstVersion(payload, folder, options);
      if (wanted !== "v2") throw badPayload(`Unknown PAYLOAD_DOWNLOADER: ${wanted}`);
      const files: PayloadFile[] = [];
      for (const [index, entry] of toTexts(payload).entries()) {
        const found = await find(entry, options.exact ?? false);
        if (found.length === 0) {
          throw badPayload(`No payload files downloaded from S3 for payload: ${entry}`);
        }
        const own = join(folder, `pld-${index}-${randomBytes(4).toString("hex")}.d`);
        await mkdir(own, { mode: 0o700 });
        files.push(...(await fetchAll(found, own, options)));
      }
      return files;
    },
  };
}

function toTexts(payload: Data): readonly string[] {
  if (typeof payload === "string") return [payload];
  if (Array.isArray(payload)) {
    return payload.map((entry: Data) => {
      if (typeof entry === "string") return entry;
      throw badPayload(`Payload must be list[string], but has an entry of ${pythonType(entry)}`);
    });
  }
  throw badPayload(`Payload must be string or list[string] not ${pythonType(payload)}`);
}

/** The type of a value as Python prints it (WK-092). */
function pythonType(value: Data): string {
  const name = (): string => {
    if (value === null) return "NoneType";
    if (typeof value === "boolean") return "bool";
    if (value instanceof DecimalValue) return "decimal.Decimal";
    if (value instanceof FloatValue) return "float";
    if (value instanceof Uint8Array) return "bytes";
    if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
    if (typeof value === "bigint") return "int";
    return Array.isArray(value) ? "list" : "dict";
  };
  return `<class '${name()}'>`;
}

function badPayload(message: string): LavaError {
  return new LavaError("BAD_PAYLOAD", message);
}
