import { type DataMap, errorText, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import { pythonText } from "../python-text.ts";
import type { CredentialsOptions } from "../sql/sql-spec.ts";
import { credentialsDatabase, passwordDuration } from "./password-duration.ts";
import { rememberCredentials, type TemporaryCredentials } from "./remembered.ts";
import { serviceConfig } from "./service-config.ts";

/**
 * Temporary credentials for a Redshift cluster (CON-redshift-02).
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD, NO_CREDENTIALS
 */
export function redshiftCredentials(
  fields: DataMap,
  realm: Realm,
  { refresh }: CredentialsOptions,
): Promise<TemporaryCredentials> {
  const request = {
    DbName: credentialsDatabase(fields),
    DbUser: pythonText(fields["user"] ?? null),
    ClusterIdentifier: pythonText(
      fields["cluster_id"] ?? pythonText(fields["host"] ?? null).replace(/\..*/s, ""),
    ),
    DurationSeconds: passwordDuration(fields, realm),
    AutoCreate: false,
  };
  return rememberCredentials(realm, JSON.stringify(request), refresh, async () => {
    const { RedshiftClient, GetClusterCredentialsCommand } =
      await import("@aws-sdk/client-redshift");
    const client = new RedshiftClient(serviceConfig(realm.clients, "REDSHIFT"));
    try {
      const answer = await client.send(new GetClusterCredentialsCommand(request));
      return {
        user: answer.DbUser ?? request.DbUser,
        password: answer.DbPassword ?? "",
        until: answer.Expiration?.getTime() ?? 0,
      };
    } catch (error) {
      throw noCredentials(error);
    } finally {
      client.destroy();
    }
  });
}

/** AWS gave no credentials. */
export function noCredentials(error: unknown): LavaError {
  return new LavaError("NO_CREDENTIALS", `AWS gave no credentials: ${errorText(error)}`, {
    cause: error,
    hint: "Check the rights of this role, and the names of user, database and cluster.",
  });
}
