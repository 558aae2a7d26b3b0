import { join, resolve } from "node:path";
import { fnmatch, LavaError } from "@lava/core";
import type { Command } from "commander";
import type { Register } from "../command.ts";
import { addRealmOptions } from "../realm-access.ts";
import { addListCommands } from "../sharepoint-list-commands.ts";
import {
  type SharepointOptions,
  type SharepointWork,
  toPath,
  withSite,
} from "../sharepoint-site.ts";
import { openPlace, storePlace } from "../transfer-place.ts";

interface DocOptions extends SharepointOptions {
  readonly title?: string;
  readonly kmsKey?: string;
}

/** `lava sharepoint`: the original's `lava-sharepoint` (CLI-137 to CLI-145). */
export const registerSharepoint: Register = (program, context) => {
  const sharepoint = addRealmOptions(
    program
      .command("sharepoint")
      .description("copy documents and lists to or from a SharePoint site")
      .requiredOption("-c, --conn-id <id>", "the connection")
      .option("-J, --no-jinja", "do not render names")
      .option("--tmpdir <dir>", "folder for temporary files; made, and removed at the end"),
  );
  const act = (
    use: (words: readonly string[], work: SharepointWork<DocOptions>) => Promise<void>,
  ) =>
    function (this: Command): Promise<void> {
      return withSite<DocOptions>(this, context, (work) => use(this.args, work));
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
        const [folder, target] = [toPath(render(path)).replace(/\/+$/, ""), render(out)];
        const there = await client.stat(folder);
        if (there?.type !== "directory") {
          const fault = there === undefined ? "does not exist" : "is not a folder";
          throw new LavaError("NO_SHAREPOINT_FOLDER", `${folder} ${fault}`, { retry: "never" });
        }
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
  addListCommands(sharepoint, context);
};
