import { dirname, join } from "node:path";
import { applicationName, pythonText } from "@lava/connectors";
import { errorText } from "@lava/core";
import { defineHandler, type Job, type JobContext } from "../handler.ts";
import { programResults, timeoutOf } from "../programs/run-program.ts";
import { readSqlFile } from "../sql/read-sql-file.ts";
import { renderPayloadFile } from "../templates/file-renderer.ts";

/** `sqlc`: runs SQL files with the database's own command line client, one process for each (JOB-sqlc-01..05). */
export const sqlc = defineHandler({
  type: "sqlc",
  async run(job, context) {
    const { args, jinja, timeout, vars } = job.parameters;
    const { command, env } = await clientCommand(job, context);
    const files = await context.downloadPayload({
      payload: job.payload,
      maxSize: context.config.SQLC_MAX_PAYLOAD_SIZE,
    });
    const results = programResults(context);
    for (const file of files) {
      const text = await readSqlFile(file);
      let input = text;
      try {
        if (jinja) input = renderPayloadFile(file, text, { vars }, context);
      } catch (error) {
        const why = `Jinja2 render failed on ${file.name}: ${errorText(error)}`;
        throw results.fault("Failed with exit status 1", why, error);
      }
      const folder = context.lineage.length === 1 ? context.tmpdir : dirname(file.path);
      await results.run({
        payload: file.name,
        argv: [command, ...args.map((arg) => pythonText(arg))],
        cwd: context.tmpdir,
        env,
        timeout: timeoutOf(timeout, context.config.SQLC_TIMEOUT),
        stdout: { file: join(folder, `${file.name}.stdout`), name: `${file.name}.stdout` },
        stderr: { file: join(folder, `${file.name}.stderr`), name: `${file.name}.stderr` },
        input,
        isResult: true,
      });
    }
    return results.result();
  },
});

/** The wrapper of the connection, and the environment that it runs in (JOB-sqlc-04). */
async function clientCommand(
  job: Job<"sqlc">,
  context: JobContext,
): Promise<{ readonly command: string; readonly env: Readonly<Record<string, string>> }> {
  const { conn_id } = job.parameters;
  const {
    LAVA_CONN_SQLC: command = "",
    LAVA_CONNID_SQLC: _id,
    LAVA_JOB_ID: _job,
    ...env
  } = await context.environment({ connections: { sqlc: conn_id } });
  const name = applicationName(context.realm, conn_id, job.job_id);
  return { command, env: name === undefined ? env : { ...env, PGAPPNAME: name } };
}
