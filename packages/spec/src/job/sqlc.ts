import * as z from "zod";
import { text } from "../scalars.ts";
import { argument } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { connId, jinja, timeout, vars } from "./parameter-fields.ts";

/** `sqlc`: runs SQL files with the database's own command line client. */
export const sqlc = defineJobType({
  type: "sqlc",
  summary: "Runs SQL files of the payload area with the database's own command line client.",
  payload: z
    .union([text, z.array(text).min(1)], { error: "expected a path, or a list of paths" })
    .describe("Path below s3_payloads of one file or prefix, or a list of them."),
  parameters: z.strictObject({
    args: z.array(argument).default([]).describe("Arguments for the client. Not rendered."),
    conn_id: connId,
    jinja,
    timeout,
    vars,
  }),
});
