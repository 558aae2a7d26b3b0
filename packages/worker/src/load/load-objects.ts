import { createGunzip } from "node:zlib";
import {
  missingS3Object,
  openS3Object,
  statS3Object,
  type S3Location,
  toS3Location,
} from "@lava/connectors";
import { errorText, isMap, LavaError } from "@lava/core";
import type { JobContext } from "../handler.ts";
import type { LoadRequest } from "./load-target.ts";

/** An object to be loaded. */
export interface LoadObject {
  readonly location: S3Location;
  readonly uri: string;
  /** Set when it was looked at: what is loaded is what was looked at. */
  readonly etag: string | undefined;
}

/** `s3://bucket/key`. */
export const s3Uri = ({ bucket, key }: S3Location): string => `s3://${bucket}/${key}`;

/**
 * The objects of a load one by one: the source itself, or what it lists when it is a manifest; those that are too
 * small are left out (JOB-db_from_s3-07, 33).
 */
export async function* loadObjects(
  { source, minSize }: LoadRequest,
  { realm }: JobContext,
  isManifest: boolean,
  events: string[],
): AsyncGenerator<LoadObject> {
  const locations = isManifest ? await readManifest(source, realm) : [source];
  if (isManifest) events.push(`Reading manifest ${s3Uri(source)}`);
  for (const location of locations) {
    const uri = s3Uri(location);
    const found = await statS3Object(realm.clients, location);
    if (found === undefined) throw await missingS3Object(realm.clients, location);
    if (found.size < minSize) events.push(`Skipping runt file ${uri}`);
    else yield { location, uri, etag: found.etag };
  }
}

async function readManifest(source: S3Location, realm: JobContext["realm"]): Promise<S3Location[]> {
  const { body } = await openS3Object(realm.clients, source);
  const parts: Uint8Array[] = [];
  for await (const part of body) if (part instanceof Uint8Array) parts.push(part);
  const bad = (cause?: unknown): LavaError =>
    new LavaError(
      "BAD_MANIFEST",
      `Manifest ${s3Uri(source)} is not JSON of the form {"entries": [{"url": "s3://..."}]}`,
      { cause, retry: "never" },
    );
  let manifest: unknown;
  try {
    manifest = JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (error) {
    throw bad(error);
  }
  const entries: unknown = isMap(manifest) ? manifest["entries"] : undefined;
  if (!Array.isArray(entries)) throw bad();
  return entries.map((entry: unknown) => {
    const url: unknown = isMap(entry) ? entry["url"] : undefined;
    const location = typeof url === "string" ? toS3Location(url) : undefined;
    if (location === undefined) throw bad();
    return location;
  });
}

/**
 * The bytes of an object as they come from S3, unpacked when they are gzip; nothing of it is kept. An object that
 * changed since it was looked at is refused (JOB-db_from_s3-40).
 */
export async function* readObject(
  { location, uri, etag }: LoadObject,
  { realm }: JobContext,
  isGzip: boolean,
): AsyncGenerator<Uint8Array> {
  const { body } = await openS3Object(realm.clients, location, { ifMatch: etag });
  const unzip = isGzip ? createGunzip() : undefined;
  if (unzip !== undefined) {
    body.on("error", (error) => unzip.destroy(error));
    body.pipe(unzip);
  }
  try {
    for await (const chunk of unzip ?? body) {
      if (chunk instanceof Uint8Array) yield chunk;
    }
  } catch (error) {
    if (error instanceof LavaError) throw error;
    const verb = isGzip && body.errored === null ? "Gunzip failed" : "Download failed";
    throw new LavaError("S3_FAILED", `${verb}: ${uri} - ${errorText(error)}`, { cause: error });
  } finally {
    body.destroy();
  }
}
