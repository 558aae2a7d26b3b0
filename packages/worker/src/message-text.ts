import type { Data } from "@lava/core";
import { pythonJson } from "./python-json.ts";

/** The template of a message: text as it is, anything else as JSON text (ACT-sns-01, ACT-sqs-01). */
export function toMessageText(message: Data): string {
  return typeof message === "string" ? message : pythonJson(message);
}
