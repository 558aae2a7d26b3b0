import { LavaError } from "@lava/core";
import { templateNamespace } from "@lava/render";
import type { AwsAccess, AwsIdentity } from "./aws-access.ts";

/** `lava.aws` (FW-070..073): who calls AWS is looked up only when a template asks. */
export function awsHelper(access: Pick<AwsAccess, "identity">): unknown {
  return templateNamespace(
    "lava.aws",
    { arn: (service: unknown, resource: unknown) => arnOf(service, resource, access.identity()) },
    {
      account: () => access.identity().account,
      region: () => access.identity().region,
      user: () => userOf(access.identity().arn),
      ecr_uri: () => ecrUri(access.identity()),
    },
  );
}

/** `user/fred` -> `fred`, `assumed-role/dev/session` -> `dev` (FW-071). */
function userOf(arn: string): string {
  return arn.split("/")[1] ?? arn.slice(arn.lastIndexOf(":") + 1);
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

function ecrUri({ account, region }: AwsIdentity): string {
  const suffix = region.startsWith("cn-") ? ".cn" : "";
  return `${account}.dkr.ecr.${region}.amazonaws.com${suffix}`;
}

/** ARNs by name, nothing is looked up but account and region (FW-072). */
const arns: Readonly<Record<string, (at: AwsIdentity, resource: string) => string>> = {
  "iam-role": ({ account }, resource) => `iam::${account}:role/${resource}`,
  "lambda-function": ({ account, region }, resource) =>
    `lambda:${region}:${account}:function:${resource}`,
  "log-group": ({ account, region }, resource) => `logs:${region}:${account}:log-group:${resource}`,
  "sns-topic": ({ account, region }, resource) => `sns:${region}:${account}:${resource}`,
  "sqs-queue": ({ account, region }, resource) => `sqs:${region}:${account}:${resource}`,
};

function arnOf(service: unknown, resource: unknown, at: AwsIdentity): string {
  const name = String(service);
  const make = Object.hasOwn(arns, name) ? arns[name] : undefined;
  if (make === undefined) {
    const known = Object.keys(arns).join(", ");
    throw new LavaError("TEMPLATE_HELPER", `arn: Unknown service: ${name} (known: ${known})`);
  }
  return `arn:${partitionOf(at.region)}:${make(at, String(resource))}`;
}
