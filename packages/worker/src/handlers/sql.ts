import { defineHandler } from "../handler.ts";
import { readSqlFile } from "../sql/read-sql-file.ts";
import { runSql, type SqlPiece } from "../sql/run-sql.ts";

/** `sql`: runs SQL files of the payload area (JOB-sql-01..16). */
export const sql = defineHandler({
  type: "sql",
  async run(job, context) {
    const files = await context.downloadPayload({
      payload: job.payload,
      maxSize: context.config.SQL_MAX_PAYLOAD_SIZE,
    });
    const pieces: SqlPiece[] = [];
    for (const file of files) {
      pieces.push({ name: file.name, text: await readSqlFile(file), file: file.name });
    }
    const output = await runSql(job, pieces, context);
    return { exit_status: 0, output };
  },
});
