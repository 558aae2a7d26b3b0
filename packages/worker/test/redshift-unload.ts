import { gzipSync } from "node:zlib";
import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import type { Realm } from "@lava/realm";
import type { TestSqlServer } from "@lava/testing";
import type { UnloadCall } from "./redshift-double.ts";

/** Slices of the cluster: as many files as are written in parallel. */
const SLICES = 2;

/**
 * Does what an UNLOAD says, under the names and in the form that Redshift's documentation gives: files of slices, or one
 * with `PARALLEL OFF`; a manifest; folders of partitions; a place that is not empty is refused or cleared.
 */
export async function unloadAsRedshift(
  { query, bucket, prefix, rest }: UnloadCall,
  server: TestSqlServer,
  database: string,
  realm: Realm,
): Promise<void> {
  const has = (option: RegExp): boolean => option.test(rest);
  const s3 = await realm.clients.s3();
  const found = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  const old = (found.Contents ?? []).map(({ Key }) => ({ Key }));
  if (old.length > 0 && has(/\bCLEANPATH\b/)) {
    await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: old } }));
  } else if (old.length > 0 && !has(/\bALLOWOVERWRITE\b/)) {
    throw new Error(
      "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option.",
    );
  }
  const delimiter = /\bDELIMITER (?:AS )?'(.)'/.exec(rest)?.[1] ?? (has(/\bCSV\b/) ? "," : "|");
  const form = `format csv, delimiter '${delimiter}'`;
  const copy = (sql: string, header: boolean): Promise<string> =>
    server.sql(`copy (${sql}) to stdout with (${form}${header ? ", header" : ""})`, database);
  const header = has(/\bHEADER\b/);
  const partition = /\bPARTITION BY \("([^"]+)"\)/.exec(rest)?.[1];
  const isParallel = !has(/\bPARALLEL (?:OFF|FALSE)\b/i);
  const count = isParallel ? SLICES : 1;
  const name = (slice: number): string =>
    isParallel ? `${String(slice).padStart(4, "0")}_part_00` : "000";
  const ending = has(/\bGZIP\b/) ? ".gz" : "";
  const files = new Map<string, string>();
  if (partition === undefined) {
    for (let slice = 0; slice < count; slice += 1) {
      const rows = `select * from (${query}) q offset ${slice} * ((select count(*) from (${query}) r) + ${count - 1}) / ${count}
        limit ((select count(*) from (${query}) r) + ${count - 1}) / ${count}`;
      files.set(`${prefix}${name(slice)}${ending}`, await copy(rows, header));
    }
  } else {
    const values = await server.sql(`select distinct "${partition}" from (${query}) q`, database);
    for (const value of values.split("\n")) {
      const rows = `select * from (${query}) q where "${partition}"::text = '${value}'`;
      files.set(`${prefix}${partition}=${value}/${name(0)}${ending}`, await copy(rows, header));
    }
  }
  for (const [Key, text] of files) {
    const bytes = Buffer.from(`${text}\n`);
    const Body = ending === "" ? bytes : gzipSync(bytes);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  }
  if (!has(/\bMANIFEST\b/)) return;
  const entries = [...files.keys()].map((key) => ({ url: `s3://${bucket}/${key}` }));
  const Body = JSON.stringify({ entries });
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}manifest`, Body }));
}
