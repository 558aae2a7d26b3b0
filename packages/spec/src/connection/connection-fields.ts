import { trackingFields } from "../own-fields.ts";
import { flag, text } from "../scalars.ts";

/** The fields that connections of all types have beside type (WF-061..063). */
export const connectionFields = {
  conn_id: text.describe("Id of the connection, unique in the realm. It may have slashes."),
  enabled: flag.optional().describe("Whether the connection may be used. Default: false."),
  description: text.optional().describe("What it connects to, in a few words."),
  owner: text.optional().describe("Who answers for the connection."),
  ...trackingFields,
};
