import { chmod, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorText, LavaError, parseDuration, parseSize } from "@lava/core";
import { defineHandler, type JobContext, type PayloadFile } from "../handler.ts";
import { isDiskFull } from "../interruption.ts";
import { errorCode, startFault } from "../program.ts";
import { renderWords, splitCommand } from "../programs/command-words.ts";
import { pythonPath } from "../programs/python-path.ts";
import { type ProgramResults, programResults, timeoutOf } from "../programs/run-program.ts";
import { unpack } from "../unpack/unpack.ts";

/** `pkg`: unpacks archives out of the payload area and runs a command of each (JOB-pkg-01..09). */
export const pkg = defineHandler({
  type: "pkg",
  async run(job, context) {
    const { args, command, connections, env, jinja, main, timeout, vars } = job.parameters;
    const { realm, config } = context;
    if (main !== undefined) {
      const text = "Deprecation warning: main parameter should be replaced by command";
      context.logger.warn({}, `${job.job_id}: ${text}`);
    }
    const [program = "", ...words] = splitCommand(command ?? main ?? "");
    const fault = "Bad command or args";
    const rendered = renderWords(words, args, context, { jinja, vars, fault });
    const first: unknown = Array.isArray(job.payload) ? job.payload[0] : job.payload;
    const environment = await context.environment({
      env,
      jinja,
      vars,
      connections,
      extras: {
        LAVA_S3_TMP: realm.temp.runUri(job),
        LAVA_S3_PAYLOAD: `${realm.record.s3_payloads}/${String(first)}`,
        ...pythonPath(context),
      },
      privateTmpdir: true,
    });
    const files = await context.downloadPayload({
      payload: job.payload,
      maxSize: config.PKG_MAX_PAYLOAD_SIZE,
    });
    const results = programResults(context);
    for (const [index, archive] of files.entries()) {
      const folder = await context.makeTempDir(`${index + 1}.`, ".pkg");
      try {
        await unpackInto(archive, folder, results, context);
        const file = join(folder, program);
        await makeExecutable(file);
        await results.run({
          payload: archive.name,
          argv: [file, ...rendered],
          cwd: folder,
          env: environment,
          timeout: timeoutOf(timeout, config.PKG_TIMEOUT),
          stdout: { file: join(folder, `${archive.name}.stdout`), name: `${archive.name}.stdout` },
          stderr: { file: join(folder, `${archive.name}.stderr`), name: `${archive.name}.stderr` },
        });
      } finally {
        await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      }
    }
    return results.result();
  },
});

async function unpackInto(
  archive: PayloadFile,
  folder: string,
  results: ProgramResults,
  { config, signal }: JobContext,
): Promise<void> {
  try {
    await unpack(archive.path, folder, {
      timeoutSeconds: parseDuration(config.PKG_UNPACK_TIMEOUT),
      maxBytes: parseSize(config.PKG_MAX_UNPACKED_SIZE),
      maxFiles: config.PKG_MAX_FILES,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (isDiskFull(error)) throw error;
    const text = errorText(error);
    const message = `Cannot unpack ${archive.path} into ${folder}: ${text}`;
    throw results.fault(message, text, error);
  }
}

/** JOB-pkg-09. */
async function makeExecutable(file: string): Promise<void> {
  try {
    await chmod(file, (await stat(file)).mode | 0o100);
  } catch (error) {
    if (error instanceof LavaError) throw error;
    throw startFault(errorCode(error), file, error);
  }
}
