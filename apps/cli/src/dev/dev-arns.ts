import type { AwsClients } from "@lava/realm";

/** Makes ARNs of the account and region that the clients are for. */
export async function devArns(
  clients: AwsClients,
): Promise<(service: string, resource: string) => string> {
  const { callerIdentity } = await import("@lava/realm");
  const { account, region } = await callerIdentity(clients);
  return (service, resource) =>
    `arn:aws:${service}:${service === "iam" ? "" : region}:${account}:${resource}`;
}
