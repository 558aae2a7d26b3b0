import { text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";
import { databaseFields, redshiftFields } from "./sql-fields.ts";

/** `redshift`: a provisioned Redshift cluster. */
export const redshift = defineConnectionType({
  type: "redshift",
  summary: "A provisioned Redshift cluster, also with temporary IAM credentials.",
  fields: databaseFields({
    ...redshiftFields,
    cluster_id: text
      .optional()
      .describe("Identifier of the cluster. Default: the first part of the host name."),
  }),
});
