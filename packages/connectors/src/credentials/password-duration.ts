import { type DataMap, LavaError, parseDuration } from "@lava/core";
import type { Realm } from "@lava/realm";
import { pythonText } from "../python-text.ts";

/** Seconds that temporary credentials of Redshift are to be good for. @throws {LavaError} BAD_CONNECTION_RECORD */
export function passwordDuration(fields: DataMap, realm: Realm): number {
  const given = fields["password_duration"] ?? realm.config.RS_PASSWORD_DURATION;
  try {
    return Math.trunc(parseDuration(pythonText(given)));
  } catch (error) {
    throw new LavaError("BAD_CONNECTION_RECORD", "Bad password_duration", {
      cause: error,
      retry: "never",
    });
  }
}

/** The database that credentials are for. @throws {LavaError} BAD_CONNECTION_RECORD */
export function credentialsDatabase(fields: DataMap): string {
  if (fields["database"] !== undefined) return pythonText(fields["database"]);
  throw new LavaError("BAD_CONNECTION_RECORD", "database must be specified", { retry: "never" });
}
