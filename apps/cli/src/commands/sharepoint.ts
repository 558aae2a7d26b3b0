import { join, resolve } from "node:path";
import type { SharePointClient } from "@lava/connectors";
import { fnmatch, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { Command } from "commander";
import type { CliContext, Register } from "../command.ts";
import { addRealmOptions, type RealmOptions, withRealm } from "../realm-access.ts";
import { jobNames, makeTmpdir, openPlace, storePlace } from "../transfer-place.ts";

interface SharepointOptions extends RealmOptions {
  readonly connId: string;
  readonly jinja: boolean;
  readonly tmpdir?: string;
  readonly title?: string;
  readonly kmsKey?: string;
}

/** What a sub-command works with. */
interface Work {
  readonly client: SharePointClient;
  readonly realm: Realm;
  readonly dir: string;
  readonly render: (text: string) => string;
  readonly options: SharepointOptions;
}

/** `lava sharepoint`: the documents of the original's `lava-sharepoint` (CLI-137 to CLI-144). */
export const registerSharepoint: Register = (program, context) => {
  const sharepoint = addRealmOptions(
    program
      .command("sharepoint")
      .description("copy documents to or from a SharePoint library")
      .requiredOption("-c, --conn-id <id>", "the connection")
      .option("-J, --no-jinja", "do not render names")
      .option("--tmpdir <dir>", "folder for temporary files; made, and removed at the end"),
  );
  const act = (use: (words: readonly string[], work: Work) => Promise<void>) =>
    function (this: Command): Promise<void> {
      return withSite(this, context, (work) => use(this.args, work));
    };
  sharepoint
    .command("put-doc")
    .alias("pd")
    .description("store a file or an object of S3 as a document")
    .argument("<file>", "file, or s3://bucket/key")
    .argument("<library:path>", "where it goes")
    .option("-t, --title <text>", "title of the document")
    .action(
      act(async ([file = "", path = ""], { client, realm, render, options }) => {
        const target = toPath(render(path));
        const source = await openPlace(render(file), realm, context);
        await client.put(target, source, { signal: context.signal });
        if (options.title !== undefined) await client.setTitle(target, render(options.title));
      }),
    );
  sharepoint
    .command("get-doc")
    .alias("gd")
    .description("fetch a document, to this machine or to S3")
    .argument("<library:path>", "the document")
    .argument("<file>", "file, or s3://bucket/key")
    .option("-k, --kms-key <key>", "KMS key for the object")
    .action(
      act(async ([path = "", file = ""], { client, realm, render, dir, options }) => {
        const source = await client.get(toPath(render(path)), { signal: context.signal });
        await storePlace(
          source,
          { file: render(file), kmsKey: options.kmsKey, dir },
          realm,
          context,
        );
      }),
    );
  sharepoint
    .command("get-multi-doc")
    .alias("gmd")
    .description("fetch the documents of one folder")
    .argument("<library:path>", "the folder")
    .argument("<outpath>", "folder that is there, or prefix s3://bucket/prefix/")
    .argument("[glob]", "names to fetch, in any case")
    .option("-k, --kms-key <key>", "KMS key for the objects")
    .action(
      act(async ([path = "", out = "", glob = "*"], { client, realm, render, dir, options }) => {
        const [folder, target] = [toPath(render(path)), render(out)];
        for (const { name, type } of await client.list(folder)) {
          const isWanted = fnmatch(name.toLowerCase(), render(glob).toLowerCase());
          if (type !== "file" || !isWanted) continue;
          const file = target.startsWith("s3://")
            ? `${target}${name}`
            : join(resolve(context.cwd, target), name);
          const source = await client.get(`${folder}/${name}`, { signal: context.signal });
          await storePlace(source, { file, kmsKey: options.kmsKey, dir }, realm, context);
        }
      }),
    );
};

async function withSite(
  command: Command,
  context: CliContext,
  use: (work: Work) => Promise<void>,
): Promise<void> {
  const options = command.optsWithGlobals<SharepointOptions>();
  await withRealm(options, context, async (realm, { env }) => {
    const { createRenderer } = await import("@lava/render");
    const { connect } = await import("@lava/connectors");
    const names = { realm: realm.record, job: jobNames(env, context) };
    await using tmp = await makeTmpdir(options.tmpdir, context);
    const at = { realm, env, tmpdir: tmp.path, job_id: env["LAVA_JOB_ID"] };
    await using client = await connect(options.connId, { ...at, type: "sharepoint" });
    const render = (text: string): string =>
      options.jinja ? createRenderer().render(text, names) : text;
    await use({ client, realm, dir: tmp.path, render, options });
  });
}

/** Exactly one colon; the slash after it may be left out (CLI-143). */
function toPath(text: string): string {
  const [, library, path = ""] = /^([^:]+):([^:]*)$/.exec(text) ?? [];
  if (library === undefined) {
    throw new LavaError("BAD_PATH", "Bad path - must be in the form library:path");
  }
  return `/${library}/${path.replace(/^\/+/, "")}`;
}
