import { defineHandler } from "../handler.ts";
import { documentPath, openSharePoint, renderParameter } from "../sharepoint-transfer.ts";
import { openTransferFile } from "../transfer-file.ts";

/** `sharepoint_put_doc`: stores a document (JOB-sharepoint_put_doc-01, 02). */
export const sharepoint_put_doc = defineHandler({
  type: "sharepoint_put_doc",
  async run(job, context) {
    const { parameters } = job;
    const render = (name: "path" | "library" | "file"): string =>
      renderParameter(parameters[name], name, parameters, context);
    const [path, library, file] = [render("path"), render("library"), render("file")];
    const full = documentPath(library, path);
    const title = parameters.title
      ? renderParameter(parameters.title, "title", parameters, context)
      : "";
    await using client = await openSharePoint(job, context);
    const source = await openTransferFile(file, parameters.basedir, context);
    await client.put(full, source, { signal: context.signal });
    if (title !== "") await client.setTitle(full, title);
    return { exit_status: 0, source: file, destination: path, library };
  },
});
