import { nullLogger } from "@lava/core";
import type { SqlLookup } from "@lava/framework";
import type { AwsSettings } from "@lava/realm";
import type { CliContext } from "./command.ts";

/** The database connections of realms, for `lava.dag` in templates; each question opens the realm for itself. */
export function sqlLookup(
  settings: () => Promise<AwsSettings>,
  { env, clock }: Pick<CliContext, "env" | "clock">,
): SqlLookup {
  return {
    async query(name, conn_id, statement) {
      const [{ connectSql }, { createAwsClients, openRealm }] = await Promise.all([
        import("@lava/connectors"),
        import("@lava/realm"),
      ]);
      await using clients = createAwsClients(await settings());
      const realm = await openRealm(name, { clients, env, clock, logger: nullLogger });
      await using client = await connectSql(conn_id, { realm, env });
      return await client.query(statement);
    },
  };
}

/** Where the environment says that AWS is. */
export function sqlOfEnvironment(context: CliContext): SqlLookup {
  return sqlLookup(async () => {
    const { awsSettingsFromEnv } = await import("@lava/realm");
    return awsSettingsFromEnv(context.env);
  }, context);
}
