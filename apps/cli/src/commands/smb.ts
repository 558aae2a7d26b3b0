import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { Command } from "commander";
import type { CliContext, Register } from "../command.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";

interface SmbOptions extends RealmOptions {
  readonly connId: string;
  readonly jinja: boolean;
  readonly tmpdir?: string;
  readonly mkdir?: boolean;
  readonly kmsKey?: string;
}

/** `lava smb`: the original's `lava-smb` (CLI-149 to CLI-154). */
export const registerSmb: Register = (program, context) => {
  const smb = addRealmOptions(
    program
      .command("smb")
      .description("copy a file to or from an SMB share")
      .requiredOption("-c, --conn-id <id>", "the connection")
      .option("-J, --no-jinja", "do not render names")
      .option("--tmpdir <dir>", "folder for temporary files; made, and removed at the end"),
  );
  smb
    .command("put")
    .description("store a file or an object of S3 in a share")
    .argument("<file>", "file, or s3://bucket/key")
    .argument("<share:path>", "where it goes")
    .option("-m, --mkdir", "make the missing directories of the path")
    .action((file: string, path: string, _options: unknown, command: Command) =>
      transfer("put", { file, path }, command.optsWithGlobals<SmbOptions>(), context),
    );
  smb
    .command("get")
    .description("fetch a file of a share, to this machine or to S3")
    .argument("<share:path>", "the file there")
    .argument("<file>", "file, or s3://bucket/key")
    .option("-k, --kms-key <key>", "KMS key for the object")
    .action((path: string, file: string, _options: unknown, command: Command) =>
      transfer("get", { file, path }, command.optsWithGlobals<SmbOptions>(), context),
    );
};

async function transfer(
  way: "get" | "put",
  given: { readonly file: string; readonly path: string },
  options: SmbOptions,
  context: CliContext,
): Promise<void> {
  await withRealm(options, context, async (realm, { env }) => {
    const { createRenderer } = await import("@lava/render");
    const names = { realm: realm.record, job: jobOf(env, context) };
    const render = (text: string): string =>
      options.jinja ? createRenderer().render(text, names) : text;
    const [file, path] = [render(given.file), render(given.path)];
    const colon = path.indexOf(":");
    if (colon < 1) {
      throw new LavaError("BAD_PATH", "Bad path - must be in the form share:path");
    }
    const remote = `/${path.slice(0, colon)}/${path.slice(colon + 1)}`;
    const dir = await makeTmpdir(options.tmpdir, context);
    try {
      const { connect } = await import("@lava/connectors");
      const job_id = env["LAVA_JOB_ID"];
      const at = {
        realm,
        env: { ...context.env, ...env },
        tmpdir: dir,
        job_id,
        type: "smb",
      } as const;
      await using client = await connect(options.connId, at);
      const { signal } = context;
      if (way === "put") {
        const source = await openSource(file, realm, context);
        await client.put(remote, source, { createDirs: options.mkdir === true, signal });
      } else {
        const source = await client.get(remote, { signal });
        await store(source, { file, kmsKey: options.kmsKey, dir }, realm, context);
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
}

function jobOf(env: CliContext["env"], { program = "lava-smb" }: CliContext) {
  const own = `${program}.${process.pid}`;
  return { job_id: env["LAVA_JOB_ID"] ?? program, run_id: env["LAVA_RUN_ID"] ?? own };
}

async function makeTmpdir(dir: string | undefined, { cwd }: CliContext): Promise<string> {
  if (dir === undefined) return await mkdtemp(join(tmpdir(), "lava-smb-"));
  const path = resolve(cwd, dir);
  await mkdir(path, { mode: 0o700 });
  return path;
}

async function openSource(file: string, realm: Realm, { cwd }: CliContext) {
  const { openS3Object, toS3Location } = await import("@lava/connectors");
  const location = toS3Location(file);
  return location === undefined
    ? { file: resolve(cwd, file) }
    : (await openS3Object(realm.clients, location)).body;
}

async function store(
  source: NodeJS.ReadableStream,
  { file, kmsKey, dir }: { file: string; kmsKey: string | undefined; dir: string },
  realm: Realm,
  { cwd, signal }: CliContext,
): Promise<void> {
  const { toS3Location, uploadS3File } = await import("@lava/connectors");
  const location = toS3Location(file);
  const path = location === undefined ? resolve(cwd, file) : join(dir, "object");
  await pipeline(source, createWriteStream(path), { signal });
  if (location !== undefined) await uploadS3File(realm.clients, location, path, kmsKey);
}
