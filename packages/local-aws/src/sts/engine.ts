import type { Keyring } from "../credentials.ts";
import { makeId } from "../credentials.ts";
import type { AwsRequest, Engine, EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { type QueryInput, type QueryOutput, queryProtocol } from "../protocols/query.ts";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** STS: who one is, and sessions of roles (any role of this account can be assumed). */
export function createStsEngine(context: EngineContext, keyring: Keyring): Engine {
  const { accountId, clock } = context;

  function getCallerIdentity(_input: QueryInput, request: AwsRequest): QueryOutput {
    const caller = keyring.find(request.accessKeyId);
    return caller !== undefined && "arn" in caller
      ? { Arn: caller.arn, UserId: caller.userId, Account: accountId }
      : { Arn: `arn:aws:iam::${accountId}:root`, UserId: accountId, Account: accountId };
  }

  function assumeRole(input: QueryInput): QueryOutput {
    const roleArn = input.get("RoleArn") ?? "";
    const name = input.get("RoleSessionName") ?? "";
    const role = /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:[\w+=,.@/-]*\/)?([\w+=,.@-]{1,64})$/.exec(
      roleArn,
    );
    if (role === null) throw new AwsError("ValidationError", `${roleArn} is invalid`);
    if (!/^[\w+=,.@-]{2,64}$/.test(name)) {
      throw new AwsError(
        "ValidationError",
        `1 validation error detected: Value '${name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
      );
    }
    const seconds = Number(input.get("DurationSeconds") ?? 3600);
    if (!(seconds >= 900 && seconds <= 43_200)) {
      throw new AwsError("ValidationError", "DurationSeconds must be between 900 and 43200");
    }
    const session = keyring.openSession({
      arn: `arn:aws:sts::${role[1]}:assumed-role/${role[2]}/${name}`,
      userId: `${makeId("AROA")}:${name}`,
      expires: Math.floor(clock.now() / 1000 + seconds) * 1000,
    });
    return {
      Credentials: {
        AccessKeyId: session.accessKeyId,
        SecretAccessKey: session.secretAccessKey,
        SessionToken: session.sessionToken,
        Expiration: new Date(session.expires).toISOString().replace(".000Z", "Z"),
      },
      AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
      PackedPolicySize: 0,
    };
  }

  return {
    services: ["sts"],
    xmlNamespace: NAMESPACE,
    handle: queryProtocol({
      xmlNamespace: NAMESPACE,
      operations: { GetCallerIdentity: getCallerIdentity, AssumeRole: assumeRole },
    }),
  };
}
