import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fnmatch, LavaError } from "@lava/core";
import { defineHandler } from "../handler.ts";
import { documentPath, openSharePoint, renderParameter } from "../sharepoint-transfer.ts";
import { localPath, storeTransferFile } from "../transfer-file.ts";

/** `sharepoint_get_multi_doc`: fetches the documents of one folder (JOB-sharepoint_get_multi_doc-01 to 03). */
export const sharepoint_get_multi_doc = defineHandler({
  type: "sharepoint_get_multi_doc",
  async run(job, context) {
    const { parameters } = job;
    const render = (name: "path" | "library" | "outpath"): string =>
      renderParameter(parameters[name], name, parameters, context);
    const [path, library, outpath] = [render("path"), render("library"), render("outpath")];
    const glob = parameters.glob && renderParameter(parameters.glob, "glob", parameters, context);
    const full = documentPath(library, path).replace(/\/+$/, "");
    const { basedir, kms_key_id } = parameters;
    await using client = await openSharePoint(job, context);
    const folder = await client.stat(full);
    const what = `Path "${path}" in Sharepoint documentLibrary "${library}"`;
    if (folder === undefined) throw noFolder(`${what} does not exist`);
    if (folder.type !== "directory") throw noFolder(`${what} is not a folder`);
    const isS3 = outpath.startsWith("s3://");
    const local = localPath(outpath, basedir, context);
    if (!isS3) await makeOneLevel(local);
    const files: string[] = [];
    for (const { name, type } of await client.list(full)) {
      if (type !== "file" || (glob && !fnmatch(name.toLowerCase(), glob.toLowerCase()))) continue;
      const file = isS3 ? `${outpath}${name}` : join(local, name);
      const source = await client.get(`${full}/${name}`, { signal: context.signal });
      await storeTransferFile(source, { file, kms_key_id }, context);
      files.push(name);
    }
    return { exit_status: 0, files, source: path, destination: outpath, library };
  },
});

/** The directory is made, but not those above it (JOB-sharepoint_get_multi_doc-03). */
async function makeOneLevel(path: string): Promise<void> {
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

function noFolder(message: string): LavaError {
  return new LavaError("NO_SHAREPOINT_FOLDER", message, { retry: "never" });
}
