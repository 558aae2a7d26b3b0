import { defineHandler } from "../handler.ts";
import { documentPath, openSharePoint, renderParameter } from "../sharepoint-transfer.ts";
import { storeTransferFile } from "../transfer-file.ts";

/** `sharepoint_get_doc`: fetches a document (JOB-sharepoint_get_doc-01 to 03). */
export const sharepoint_get_doc = defineHandler({
  type: "sharepoint_get_doc",
  async run(job, context) {
    const { parameters } = job;
    const render = (name: "path" | "library" | "file"): string =>
      renderParameter(parameters[name], name, parameters, context);
    const [path, library, file] = [render("path"), render("library"), render("file")];
    const full = documentPath(library, path);
    const { basedir, kms_key_id } = parameters;
    await using client = await openSharePoint(job, context);
    const source = await client.get(full, { signal: context.signal });
    await storeTransferFile(source, { file, basedir, kms_key_id }, context);
    const title = (await client.title(full)) ?? null;
    return { exit_status: 0, title, source: path, destination: file, library };
  },
});
