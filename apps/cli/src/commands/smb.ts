import { LavaError } from "@lava/core";
import type { Command } from "commander";
import type { CliContext, Register } from "../command.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { jobNames, makeTmpdir, openPlace, storePlace } from "../transfer-place.ts";

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
    const names = { realm: realm.record, job: jobNames(env, context) };
    const render = (text: string): string =>
      options.jinja ? createRenderer().render(text, names) : text;
    const [file, path] = [render(given.file), render(given.path)];
    const colon = path.indexOf(":");
    if (colon < 1) {
      throw new LavaError("BAD_PATH", "Bad path - must be in the form share:path");
    }
    const remote = `/${path.slice(0, colon)}/${path.slice(colon + 1)}`;
    await using tmp = await makeTmpdir(options.tmpdir, context);
    const { connect } = await import("@lava/connectors");
    const job_id = env["LAVA_JOB_ID"];
    const at = {
      realm,
      env: { ...context.env, ...env },
      tmpdir: tmp.path,
      job_id,
      type: "smb",
    } as const;
    await using client = await connect(options.connId, at);
    const { signal } = context;
    if (way === "put") {
      const source = await openPlace(file, realm, context);
      await client.put(remote, source, { createDirs: options.mkdir === true, signal });
    } else {
      const source = await client.get(remote, { signal });
      await storePlace(source, { file, kmsKey: options.kmsKey, dir: tmp.path }, realm, context);
    }
  });
}
