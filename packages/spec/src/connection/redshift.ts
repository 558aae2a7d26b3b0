import * as z from "zod";
import { text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";
import { redshiftFields } from "./sql-fields.ts";

/** `redshift`: a provisioned Redshift cluster. */
export const redshift = defineConnectionType({
  type: "redshift",
  summary: "A provisioned Redshift cluster, also with temporary IAM credentials.",
  fields: z.strictObject({
    ...redshiftFields,
    cluster_id: text
      .optional()
      .describe("Identifier of the cluster. Default: the first part of the host name."),
  }),
});
