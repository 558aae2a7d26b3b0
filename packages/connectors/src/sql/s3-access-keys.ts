import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import { awsSessionKeys } from "../aws/aws-session.ts";
import { getConnection, toContext } from "../connect.ts";
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
 * The keys of an aws connection, or of a session of its role, as the connector itself has them (CON-aws-01..03), for
 * statements that hand them to a database (JOB-db_from_s3-05, JOB-redshift_unload-07).
 *
 * @throws {LavaError} NO_SUCH_CONNECTION, CONNECTION_DISABLED, WRONG_CONNECTION_TYPE, BAD_CONNECTION_RECORD,
 * ASSUME_ROLE_FAILED
 */
export async function s3AccessKeys(conn_id: string, realm: Realm): Promise<S3AccessKeys> {
  const connection = await getConnection(realm, conn_id);
  if (connection.type.toLowerCase() !== "aws") {
    const message = `Connection ${conn_id} is of type ${connection.type}, not aws`;
    throw new LavaError("WRONG_CONNECTION_TYPE", message, { retry: "never" });
  }
  const { accessKeyId, secretAccessKey, sessionToken } = await awsSessionKeys(
    connection,
    toContext(realm, connection, {}),
  );
  const { region } = connection.raw;
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    region: region ? pythonText(region) : await s3Region(realm),
  };
}

/** The region in which a realm's S3 is. */
export async function s3Region(realm: Realm): Promise<string> {
  return (await realm.clients.s3()).config.region();
}
