import type { AwsClients } from "./clients.ts";

/** Who calls AWS, and where. */
export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
  readonly region: string;
}

/** Asks STS who we are. Throws what the SDK throws. */
export async function callerIdentity(clients: AwsClients): Promise<CallerIdentity> {
  const [client, { GetCallerIdentityCommand }] = await Promise.all([
    clients.sts(),
    import("./sdk/sts.ts"),
  ]);
  const { Account = "", Arn = "" } = await client.send(new GetCallerIdentityCommand({}));
  return { account: Account, arn: Arn, region: await client.config.region() };
}
