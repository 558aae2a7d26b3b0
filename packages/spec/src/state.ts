import * as z from "zod";

/** The kinds of state items (WF-141). */
export const stateTypes = ["json", "raw", "secure"] as const;

/** Kind of a state item. */
export type StateType = (typeof stateTypes)[number];

/**
 * A state item as it is stored (WF-140..149). Nothing may be added: the original refuses other attributes (STATE-04).
 */
export const stateItem = z.strictObject({
  state_id: z.string().min(1).describe("Id of the item."),
  type: z.enum(stateTypes).describe("How the value is kept."),
  value: z
    .unknown()
    .describe(
      "json: JSON text; raw: DynamoDB's own types; secure: the encrypted JSON text, bytes.",
    ),
  timestamp: z.string().describe("When it was stored, local ISO 8601 time with offset."),
  ttl: z.number().describe("When it may be removed, epoch seconds."),
  publisher: z.string().optional().describe("Who stored it."),
});

/** A state item as it is stored. */
export type StateItem = z.output<typeof stateItem>;
