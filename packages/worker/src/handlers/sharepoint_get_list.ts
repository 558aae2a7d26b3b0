import { Readable } from "node:stream";
import { defineHandler } from "../handler.ts";
import { openSharePoint, renderParameter } from "../sharepoint-transfer.ts";
import { exportList } from "../sharepoint/export-list.ts";
import { listCsvFormat } from "../sharepoint/list-csv-format.ts";
import { storeTransferFile } from "../transfer-file.ts";

/** `sharepoint_get_list`: fetches a list as CSV (JOB-sharepoint_get_list-01, 02). */
export const sharepoint_get_list = defineHandler({
  type: "sharepoint_get_list",
  async run(job, context) {
    const { parameters } = job;
    const { basedir, data_columns, header, kms_key_id, system_columns } = parameters;
    const list = renderParameter(parameters.list, "list", parameters, context);
    const file = renderParameter(parameters.file, "file", parameters, context);
    const format = listCsvFormat(parameters, context.config);
    await using client = await openSharePoint(job, context);
    const lines = exportList(client, {
      list,
      format,
      header,
      dataColumns: data_columns,
      systemColumns: system_columns,
    });
    let written = 0;
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const line of lines) {
        written += 1;
        yield line;
      }
    }
    const source = Readable.from(counted(), { objectMode: false });
    await storeTransferFile(source, { file, basedir, kms_key_id }, context);
    const rows = written - (header ? 1 : 0);
    // The original counts one more than there are.
    return { exit_status: 0, row_count: rows + 1, rows, source: list, destination: file };
  },
});
