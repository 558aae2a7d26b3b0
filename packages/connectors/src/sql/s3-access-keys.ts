import { isTruthy, LavaError, parseDuration } from "@lava/core";
import type { Realm } from "@lava/realm";
import { getConnection } from "../connect.ts";
import { pythonText } from "../python-text.ts";

/** Credentials that a database is told for its own reads and writes of S3. */
export interface S3AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Region of the connection, the realm's when it names none. */
  readonly region: string;
}

/**
 * The access keys of an aws connection (CON-aws-01), for statements that hand them to a database
 * (JOB-db_from_s3-05, JOB-redshift_unload-07).
 *
 * @throws {LavaError} NO_SUCH_CONNECTION, CONNECTION_DISABLED, WRONG_CONNECTION_TYPE, BAD_CONNECTION_RECORD
 */
export async function s3AccessKeys(conn_id: string, realm: Realm): Promise<S3AccessKeys> {
  const connection = await getConnection(realm, conn_id);
  if (connection.type.toLowerCase() !== "aws") {
    const message = `Connection ${conn_id} is of type ${connection.type}, not aws`;
    throw new LavaError("WRONG_CONNECTION_TYPE", message, { retry: "never" });
  }
  if (!connection.enabled) {
    const message = `Connection ${conn_id}: Not enabled`;
    throw new LavaError("CONNECTION_DISABLED", message, { retry: "never" });
  }
  const { raw } = connection;
  const field = (name: string): string | undefined =>
    isTruthy(raw[name]) ? pythonText(raw[name] ?? null) : undefined;
  const region = field("region") ?? (await s3Region(realm));
  const name = field("access_keys");
  if (name !== undefined) return { ...(await keysOf(name, realm)), region };
  const role = field("role_arn");
  if (role === undefined) {
    const message = `Connection ${conn_id}: One of access_keys or role_arn is required`;
    throw new LavaError("BAD_CONNECTION_RECORD", message, { retry: "never" });
  }
  const external = field("external_id");
  const duration = field("duration") ?? realm.config.AWS_CONN_DURATION;
  const [sts, { AssumeRoleCommand }] = await Promise.all([
    realm.clients.sts(),
    import("@aws-sdk/client-sts"),
  ]);
  const { Credentials: keys } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: role,
      RoleSessionName: "lava",
      DurationSeconds: Math.trunc(parseDuration(duration)),
      ...(external === undefined ? {} : { ExternalId: await realm.secrets.parameter(external) }),
    }),
  );
  return {
    accessKeyId: keys?.AccessKeyId ?? "",
    secretAccessKey: keys?.SecretAccessKey ?? "",
    sessionToken: keys?.SessionToken ?? "",
    region,
  };
}

async function keysOf(
  name: string,
  realm: Realm,
): Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string }> {
  const value = await realm.secrets.parameter(name);
  const comma = value.indexOf(",");
  if (comma < 1) {
    const message = `SSM ${name}: Must be in format "access_key_id,access_secret_key"`;
    throw new LavaError("BAD_CONNECTION_RECORD", message, { retry: "never" });
  }
  return {
    accessKeyId: value.slice(0, comma).trim(),
    secretAccessKey: value.slice(comma + 1).trim(),
  };
}

/** The region in which a realm's S3 is. */
export async function s3Region(realm: Realm): Promise<string> {
  return (await realm.clients.s3()).config.region();
}
