import * as z from "zod";
import { flag, text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";

/** `docker`: a docker server and a registry. */
export const docker = defineConnectionType({
  type: "docker",
  summary: "A docker server and the registry that images come from.",
  fields: z.strictObject({
    server: text
      .optional()
      .describe("URL of the docker server. Default: as the docker command finds it."),
    tls: flag.optional().describe("Whether TLS is used to the server. Default: true."),
    timeout: z.int().min(0).optional().describe("Limit for calls of the server, seconds."),
    registry: text
      .optional()
      .describe("The registry: its host, ecr, or ecr:<account>. Default: docker's own."),
    user: text.optional().describe("User name at the registry."),
    password: text
      .optional()
      .describe("Name of the SSM parameter with the password; never the password itself."),
    email: text.optional().describe("Mail address at the registry. Not used."),
  }),
});
