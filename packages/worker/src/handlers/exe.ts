import { chmod, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LavaError } from "@lava/core";
import { defineHandler, type JobContext } from "../handler.ts";
import { renderWords, splitCommand } from "../programs/command-words.ts";
import { pythonPath } from "../programs/python-path.ts";
import { programResults, timeoutOf } from "../programs/run-program.ts";

/** `exe`: runs executables out of the payload area (JOB-exe-01..08). */
export const exe = defineHandler({
  type: "exe",
  async run(job, context) {
    const { args, connections, env, jinja, timeout, vars } = job.parameters;
    if (typeof job.payload !== "string") {
      throw new LavaError("BAD_PAYLOAD", "Only single string payloads are supported for exe jobs", {
        retry: "never",
      });
    }
    const [location, ...words] = splitCommand(job.payload);
    if (location === undefined) {
      throw new LavaError("BAD_PAYLOAD", "payload required", { retry: "never" });
    }
    const fault = "Bad payload or args";
    const rendered = renderWords(words, args, context, { jinja, vars, fault });
    const { realm, config } = context;
    const environment = await context.environment({
      env,
      jinja,
      vars,
      connections,
      extras: {
        LAVA_S3_TMP: realm.temp.runUri(job),
        LAVA_S3_PAYLOAD: `${realm.record.s3_payloads}/${location}`,
        ...pythonPath(context),
      },
      privateTmpdir: true,
    });
    const files = await context.downloadPayload({
      payload: location,
      maxSize: config.EXE_MAX_PAYLOAD_SIZE,
    });
    const results = programResults(context);
    for (const { name, path } of files) {
      await chmod(path, (await stat(path)).mode | 0o100);
      const folder = await outputFolder(path, context);
      await results.run({
        payload: name,
        argv: [path, ...rendered],
        cwd: context.tmpdir,
        env: environment,
        timeout: timeoutOf(timeout, config.EXE_TIMEOUT),
        stdout: { file: join(folder, `${name}.stdout`), name: `${name}.stdout` },
        stderr: { file: join(folder, `${name}.stderr`), name: `${name}.stderr` },
      });
    }
    return results.result();
  },
});

/** Children share the job's directory; only the job itself puts its outputs there (WK-085). */
async function outputFolder(path: string, context: JobContext): Promise<string> {
  if (context.lineage.length === 1) return context.tmpdir;
  // The first downloader puts payloads into the job's directory as well.
  const own = dirname(path);
  return own === context.tmpdir ? context.makeTempDir("pld-out-", ".d") : own;
}
