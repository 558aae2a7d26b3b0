import { defineHandler } from "../handler.ts";
import { openSharePoint, renderParameter } from "../sharepoint-transfer.ts";
import { importList } from "../sharepoint/import-list.ts";
import { listCsvFormat } from "../sharepoint/list-csv-format.ts";
import { openTransferFile } from "../transfer-file.ts";

/** `sharepoint_put_list`: changes a list by the rows of a CSV file (JOB-sharepoint_put_list-01 to 04). */
export const sharepoint_put_list = defineHandler({
  type: "sharepoint_put_list",
  async run(job, context) {
    const { parameters } = job;
    const { basedir, data_columns, error_missing, mode } = parameters;
    const list = renderParameter(parameters.list, "list", parameters, context);
    const file = renderParameter(parameters.file, "file", parameters, context);
    const format = listCsvFormat(parameters, context.config);
    await using client = await openSharePoint(job, context);
    const source = await openTransferFile(file, basedir, context);
    const row_count = await importList(client, source, {
      list,
      mode,
      format,
      dataColumns: data_columns,
      errorMissing: error_missing,
      signal: context.signal,
    });
    return { exit_status: 0, row_count, source: file, destination: list };
  },
});
