import { isMap } from "@lava/core";
import { toData } from "@lava/render";
import { defineHandler } from "../handler.ts";
import { pythonJson } from "../python-json.ts";

const SECRET = /password|passwd|secret|token|api_?key|private_?key|credential/i;

/** `log`: logs its own specification as it stands at run time (JOB-log-01, JOB-log-02). */
export const log = defineHandler({
  type: "log",
  run(_job, context) {
    const spec = hideSecrets(toData(context.templateContext["job"]));
    context.logger.info({}, pythonJson(spec, { indent: 4, sortKeys: true }));
    return Promise.resolve({ exit_status: 0 });
  },
});

/** Values of names that look secret are not for the log. */
function hideSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => hideSecrets(item));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      SECRET.test(name) && typeof item === "string" ? "****" : hideSecrets(item),
    ]),
  );
}
