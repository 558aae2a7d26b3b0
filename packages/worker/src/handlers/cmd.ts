import { join } from "node:path";
import { isTruthy, LavaError } from "@lava/core";
import { defineHandler } from "../handler.ts";
import { randomName } from "../job-tmpdir.ts";
import { renderWords, splitCommand } from "../programs/command-words.ts";
import { programResults, timeoutOf } from "../programs/run-program.ts";

/** `cmd`: runs a command of the worker's host (JOB-cmd-01..09). */
export const cmd = defineHandler({
  type: "cmd",
  async run(job, context) {
    const { args, env, jinja, timeout, vars } = job.parameters;
    if (!isTruthy(job.payload)) {
      throw new LavaError("BAD_PAYLOAD", "payload required", { retry: "never" });
    }
    if (typeof job.payload !== "string") {
      throw new LavaError("BAD_PAYLOAD", "Bad payload: must be string", { retry: "never" });
    }
    const argv = renderWords(splitCommand(job.payload), args, context, {
      jinja,
      vars,
      field: ["payload"],
      text: job.payload,
      fault: "Bad payload",
    });
    const environment = await context.environment({
      env,
      jinja,
      vars,
      extras: { LAVA_S3_TMP: context.realm.temp.runUri(job) },
      privateTmpdir: true,
    });
    const name = join(context.tmpdir, `tmp${randomName()}`);
    const results = programResults(context);
    await results.run({
      payload: job.payload,
      argv,
      cwd: context.tmpdir,
      env: environment,
      timeout: timeoutOf(timeout, context.config.CMD_TIMEOUT),
      stdout: { file: `${name}.stdout`, name: "stdout" },
      stderr: { file: `${name}.stderr`, name: "stderr" },
    });
    return results.result();
  },
});
