import * as z from "zod";
import { text } from "../scalars.ts";
import { defineActionType } from "./action-type.ts";

/** `log`: writes a line to the worker's log. */
export const log = defineActionType({
  type: "log",
  summary: "Writes a line to the worker's log.",
  closed: false,
  parameters: z.strictObject({
    message: text.describe("The line; rendered."),
  }),
});
