import { type DataMap, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import { pythonText } from "../python-text.ts";

/** A token of IAM in place of a password (CON-postgres-aurora-01); it is made here, RDS is not asked. */
export async function rdsToken(
  fields: DataMap,
  realm: Realm,
): Promise<{ user: string; password: string }> {
  if (fields["user"] === undefined) {
    throw new LavaError("BAD_CONNECTION_RECORD", "'user'", {
      retry: "never",
      hint: "IAM authentication needs a `user`.",
    });
  }
  const user = pythonText(fields["user"]);
  const [{ Signer }, sts] = await Promise.all([import("@aws-sdk/rds-signer"), realm.clients.sts()]);
  const signer = new Signer({
    hostname: pythonText(fields["host"] ?? null),
    port: Number(pythonText(fields["port"] ?? null)),
    username: user,
    region: await sts.config.region(),
    credentials: sts.config.credentials,
  });
  const password = await signer.getAuthToken();
  realm.redactor.add(password);
  return { user, password };
}
