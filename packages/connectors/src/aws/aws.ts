import { errorText, LavaError } from "@lava/core";
import { defineConnector } from "../connector.ts";
import { awsRegion, awsSessionKeys, type AwsSessionKeys } from "./aws-session.ts";
import { awsWrapper } from "./aws-wrapper.ts";

/** Access to an AWS account, for clients of the AWS SDK. */
export interface AwsSession extends AsyncDisposable {
  readonly region: string | undefined;
  /**
   * Keys that are good for five minutes at least; a role's session is renewed. Give the function itself to a client:
   * `new S3Client({ region: session.region, credentials: session.credentials })`.
   */
  readonly credentials: () => Promise<AwsSessionKeys>;
}

/** `aws`: access to an AWS account, by keys or by a role (CON-aws-01 to 05). */
export const aws = defineConnector({
  type: "aws",
  family: "aws",
  async open(connection, context): Promise<AwsSession> {
    const credentials = (): Promise<AwsSessionKeys> => awsSessionKeys(connection, context);
    await credentials();
    return {
      region: awsRegion(connection, context),
      credentials,
      async [Symbol.asyncDispose]() {},
    };
  },
  async cli(connection, context) {
    const keys = await awsSessionKeys(connection, context);
    return awsWrapper(connection.conn_id, keys, awsRegion(connection, context), context);
  },
  async check(connection, context) {
    const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
    const { settings } = context.realm.clients;
    const region = awsRegion(connection, context);
    const endpoint = settings.endpoints?.STS ?? settings.endpoint;
    const client = new STSClient({
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
      credentials: await awsSessionKeys(connection, context),
    });
    try {
      const { Account = "", Arn = "" } = await client.send(new GetCallerIdentityCommand({}));
      return { server: `AWS account ${Account}`, details: { arn: Arn } };
    } catch (error) {
      const text = `Connection ${connection.conn_id}: ${errorText(error)}`;
      throw new LavaError("LOGIN_FAILED", text, {
        cause: error,
        hint: "Check the keys in the parameter of access_keys, or the role and who may assume it.",
      });
    } finally {
      client.destroy();
    }
  },
});
