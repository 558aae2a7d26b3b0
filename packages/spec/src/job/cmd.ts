import * as z from "zod";
import { text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { args, env, jinja, timeout, vars } from "./parameter-fields.ts";

/** `cmd`: runs a command of the worker's host. */
export const cmd = defineJobType({
  type: "cmd",
  summary: "Runs a command that is installed on the worker's host.",
  payload: text.describe(
    "The command and its arguments, split as a shell does, then each word is rendered. No shell runs it.",
  ),
  parameters: z.strictObject({ args, env, jinja, timeout, vars }),
});
