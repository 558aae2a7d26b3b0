import * as z from "zod";
import { text } from "../scalars.ts";
import { hostConfig } from "./docker-host-config.ts";
import { defineJobType } from "./job-type.ts";
import { args, connections, env, jinja, timeout, vars } from "./parameter-fields.ts";

/** `docker`: runs a container. */
export const docker = defineJobType({
  type: "docker",
  summary: "Runs a container.",
  payload: text.describe("The image: repository[:tag]. Not rendered."),
  parameters: z.strictObject({
    args,
    command: text
      .optional()
      .describe(
        "Command to run in the container. Without it the image's own, and `args` are ignored.",
      ),
    connections,
    docker: text.optional().describe("Id of the docker connection. Default: the realm's."),
    env,
    host_config: hostConfig,
    jinja,
    timeout,
    vars,
  }),
});
