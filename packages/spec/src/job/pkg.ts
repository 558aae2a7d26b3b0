import * as z from "zod";
import { always } from "../always.ts";
import { text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { args, connections, env, jinja, timeout, vars } from "./parameter-fields.ts";

/** `pkg`: runs a command out of an archive. */
export const pkg = defineJobType({
  type: "pkg",
  summary: "Fetches an archive from the realm's payload area, unpacks it and runs a command of it.",
  payload: text.describe("Path of the archive (.zip, .tar, .tar.gz ...) below s3_payloads."),
  parameters: z
    .strictObject({
      args,
      command: text
        .optional()
        .describe("Command: the path of a file of the archive, and its arguments. Needed."),
      connections,
      env,
      jinja,
      main: text
        .optional()
        .meta({ deprecated: true, description: "Old name of `command`; write `command`." }),
      timeout,
      vars,
    })
    .refine((value) => value.command !== undefined || value.main !== undefined, {
      error: "required field is missing: the command to run",
      path: ["command"],
      when: always,
    })
    .refine((value) => value.command === undefined || value.main === undefined, {
      error: 'only one of "command" and "main" may be there; "main" is the old name',
      path: ["main"],
      when: always,
    }),
});
