import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import { awsRegion, awsSessionKeys, type AwsSessionKeys } from "../aws/aws-session.ts";
import { type ConnectOptions, getConnection, toContext } from "../connect.ts";

/** Credentials that a database is told for its own reads and writes of S3. */
export interface S3AccessKeys extends AwsSessionKeys {
  /** Region of the connection, the realm's when it names none. */
  readonly region: string;
}

/**
 * The keys of an aws connection, those in SSM or of a session of its role, for statements that hand them to a database
 * (JOB-db_from_s3-05, JOB-redshift_unload-07): what {@link awsSessionKeys} gives to everybody else.
 *
 * @throws {LavaError} NO_SUCH_CONNECTION, CONNECTION_DISABLED, WRONG_CONNECTION_TYPE, BAD_CONNECTION_RECORD,
 * ASSUME_ROLE_FAILED
 */
export async function s3AccessKeys(
  conn_id: string,
  options: Omit<ConnectOptions, "realm"> & { readonly realm: Realm },
): Promise<S3AccessKeys> {
  const { realm } = options;
  const connection = await getConnection(realm, conn_id);
  if (connection.type.toLowerCase() !== "aws") {
    const message = `Connection ${conn_id} is of type ${connection.type}, not aws`;
    throw new LavaError("WRONG_CONNECTION_TYPE", message, { retry: "never" });
  }
  const context = toContext(realm, connection, options);
  const keys = await awsSessionKeys(connection, context);
  return { ...keys, region: awsRegion(connection, context) ?? (await s3Region(realm)) };
}

/** The region in which a realm's S3 is. */
export async function s3Region(realm: Realm): Promise<string> {
  return (await realm.clients.s3()).config.region();
}
