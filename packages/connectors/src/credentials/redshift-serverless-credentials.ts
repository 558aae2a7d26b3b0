import { type DataMap, isMap } from "@lava/core";
import type { Realm } from "@lava/realm";
import { pythonText } from "../python-text.ts";
import type { CredentialsOptions } from "../sql/sql-spec.ts";
import { credentialsDatabase, passwordDuration } from "./password-duration.ts";
import { noCredentials } from "./redshift-credentials.ts";
import { rememberCredentials, type TemporaryCredentials } from "./remembered.ts";
import { serviceConfig } from "./service-config.ts";

/** Seconds of a role's session, the least that AWS takes: it is used at once. */
const ROLE_DURATION = 900;

/**
 * Temporary credentials for a workgroup of Redshift Serverless, under a role where the record names one
 * (CON-redshift-serverless-02).
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD, NO_CREDENTIALS
 */
export function redshiftServerlessCredentials(
  fields: DataMap,
  realm: Realm,
  { refresh }: CredentialsOptions,
  applicationName: string | undefined,
): Promise<TemporaryCredentials> {
  const text = (name: string): string | undefined =>
    fields[name] === undefined ? undefined : pythonText(fields[name]);
  const request = {
    dbName: credentialsDatabase(fields),
    workgroupName: text("workgroup") ?? (text("host") ?? "").replace(/\..*/s, ""),
    durationSeconds: passwordDuration(fields, realm),
  };
  const region = text("region");
  const role = text("role_arn");
  const key = JSON.stringify([request, region, role]);
  return rememberCredentials(realm, key, refresh, async () => {
    const { RedshiftServerlessClient, GetCredentialsCommand } =
      await import("@aws-sdk/client-redshift-serverless");
    try {
      const credentials =
        role === undefined
          ? undefined
          : await assumeRole(realm, role, fields, applicationName ?? "lava");
      const client = new RedshiftServerlessClient({
        ...serviceConfig(realm.clients, "REDSHIFT_SERVERLESS"),
        ...(region === undefined ? {} : { region }),
        ...(credentials === undefined ? {} : { credentials }),
      });
      try {
        const answer = await client.send(new GetCredentialsCommand(request));
        return {
          user: answer.dbUser ?? "",
          password: answer.dbPassword ?? "",
          until: answer.expiration?.getTime() ?? 0,
        };
      } finally {
        client.destroy();
      }
    } catch (error) {
      throw noCredentials(error);
    }
  });
}

async function assumeRole(realm: Realm, role: string, fields: DataMap, session: string) {
  const [sts, { AssumeRoleCommand }] = await Promise.all([
    realm.clients.sts(),
    import("@aws-sdk/client-sts"),
  ]);
  const external = fields["external_id"];
  const tags: unknown = fields["tags"];
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: role,
      RoleSessionName: session.replace(/[^\w=,.@-]/g, ".").slice(0, 64),
      DurationSeconds: ROLE_DURATION,
      ...(external === undefined
        ? {}
        : { ExternalId: await realm.secrets.parameter(pythonText(external)) }),
      ...(isMap(tags)
        ? { Tags: Object.entries(tags).map(([Key, value]) => ({ Key, Value: String(value) })) }
        : {}),
    }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
}
