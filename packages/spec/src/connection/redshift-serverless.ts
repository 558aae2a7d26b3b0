import { awsRegion, dataMap, text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";
import { databaseFields, redshiftFields } from "./sql-fields.ts";

/** `redshift-serverless`: a Redshift Serverless workgroup. */
export const redshiftServerless = defineConnectionType({
  type: "redshift-serverless",
  summary: "A Redshift Serverless workgroup, also with temporary IAM credentials.",
  fields: databaseFields({
    ...redshiftFields,
    workgroup: text
      .optional()
      .describe("Name of the workgroup. Default: the first part of the host name."),
    role_arn: text.optional().describe("ARN of a role to assume to get temporary credentials."),
    external_id: text
      .optional()
      .describe("Name of the SSM parameter with the external id for the role."),
    tags: dataMap.optional().describe("Tags of the role's session."),
    region: awsRegion.optional().describe("Region of the workgroup. Default: the worker's."),
  }),
});
