import * as z from "zod";
import { always } from "../always.ts";
import { awsRegion, dataMap, duration, text } from "../scalars.ts";
import { defineConnectionType } from "./connection-type.ts";

const arn = text.regex(/^arn:aws[-a-z]*:iam:/, {
  error: 'expected an ARN of IAM, "arn:aws:iam::..."',
});

/** `aws`: access to an AWS account. */
export const aws = defineConnectionType({
  type: "aws",
  summary: "Access to an AWS account, by keys or by a role.",
  fields: z
    .strictObject({
      access_keys: text
        .optional()
        .describe("Name of the SSM parameter with `id,secret`. Wins over role_arn."),
      role_arn: arn.optional().describe("ARN of the role to assume."),
      external_id: text
        .optional()
        .describe("Name of the SSM parameter with the external id for the role."),
      duration: duration
        .optional()
        .describe("Length of the role's session. Default: AWS_CONN_DURATION (3h)."),
      policy_arns: z
        .union([arn, z.array(arn)], { error: "expected an ARN of a policy, or a list of them" })
        .optional()
        .describe("ARN, or list of ARNs, of policies that narrow the role's session."),
      policy: dataMap.optional().describe("Policy that narrows the role's session."),
      tags: dataMap.optional().describe("Tags of the role's session."),
      region: awsRegion.optional().describe("Region. Default: the worker's."),
    })
    .refine((value) => value.access_keys !== undefined || value.role_arn !== undefined, {
      error: "one of access_keys and role_arn is required",
      path: ["role_arn"],
      when: always,
    }),
});
