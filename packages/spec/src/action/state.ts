import * as z from "zod";
import { choice, data, duration, text } from "../scalars.ts";
import { stateTypes } from "../state.ts";
import { defineActionType } from "./action-type.ts";

/** `state`: stores a state item. */
export const state = defineActionType({
  type: "state",
  summary: "Stores a state item for later runs of this or other jobs.",
  closed: true,
  parameters: z.strictObject({
    state_id: text
      .regex(/^(?!lava)/i, { error: 'state ids beginning with "lava" are reserved' })
      .describe('Id of the item; rendered. Ids beginning with "lava" are reserved.'),
    value: data.describe("The value; rendered."),
    type: choice(stateTypes, (word) => `${word}: No such state type`)
      .optional()
      .describe(
        "How the value is kept: json, raw (DynamoDB's types) or secure (encrypted). Default: json.",
      ),
    ttl: duration
      .optional()
      .describe("How long it is kept. Default: STATE_TTL (7d), cap: STATE_MAX_TTL."),
    publisher: text.optional().describe("Who stored it; rendered. Default: the job id."),
    kms_key: text
      .regex(/^alias\/\S+$|^arn:aws[-a-z]*:kms:/, {
        error: 'expected the ARN of a key, or "alias/name"',
      })
      .optional()
      .describe("Key for secure values: ARN or alias/name. Default: the realm's sys key."),
  }),
});
