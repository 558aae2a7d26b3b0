import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { listAllRuns } from "@lava/testing";
import type { EmulatedRealm } from "@lava/testing";
import type { Canaries } from "./canaries.ts";

/** A file in which a secret was found. */
export interface SecretFile {
  readonly file: string;
  readonly secret: string;
  /** Permissions of the file and of its folder, octal. */
  readonly mode: string;
  readonly folderMode: string;
}

/** Files below a folder with secrets in them; what vanishes meanwhile is left out. */
export async function filesWithSecrets(canaries: Canaries, folder: string): Promise<SecretFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry): Promise<SecretFile[]> => {
      const file = join(folder, entry.name);
      if (entry.isDirectory()) return filesWithSecrets(canaries, file);
      if (!entry.isFile()) return [];
      const secrets = canaries.in(await readFile(file).catch(() => ""));
      if (secrets.length === 0) return [];
      const modes = await Promise.all([modeOf(file), modeOf(folder)]).catch(() => undefined);
      if (modes === undefined) return [];
      const [mode, folderMode] = modes;
      return secrets.map((secret) => ({ file, secret, mode, folderMode }));
    }),
  );
  return found.flat();
}

/** Paths below a folder that end in a name. */
export async function filesNamed(name: string, folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true });
  return all.filter((path) => basename(path) === name).map((path) => join(folder, path));
}

async function modeOf(path: string): Promise<string> {
  const { mode } = await lstat(path);
  return (mode & 0o777).toString(8);
}

/** Places in the realm's tables, queues and bucket that hold a secret, as `secret in place`. */
export async function storedSecrets(
  canaries: Canaries,
  { realm, bucket }: EmulatedRealm,
): Promise<string[]> {
  const found: string[] = [];
  const look = (place: string, content: string | Uint8Array): void => {
    for (const secret of canaries.in(content)) found.push(`${secret} in ${place}`);
  };
  for (const run of await listAllRuns(realm)) look(`event of ${run.job_id}`, JSON.stringify(run));
  const s3 = await realm.clients.s3();
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  const { GetObjectCommand } = await import("@aws-sdk/client-s3");
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    look(`s3://${bucket}/${Key ?? ""}`, (await Body?.transformToByteArray()) ?? "");
  }
  return found;
}
