import * as z from "zod";
import { text } from "../scalars.ts";
import { defineJobType } from "./job-type.ts";
import { args, connections, env, jinja, timeout, vars } from "./parameter-fields.ts";

/** `exe`: runs an executable from the payload area. */
export const exe = defineJobType({
  type: "exe",
  summary: "Fetches executables from the realm's payload area and runs them.",
  payload: text.describe(
    "Path below s3_payloads and arguments. Every file with this prefix is run, in the order of names.",
  ),
  parameters: z.strictObject({ args, connections, env, jinja, timeout, vars }),
});
