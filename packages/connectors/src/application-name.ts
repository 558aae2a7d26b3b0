import type { Realm } from "@lava/realm";
import { createRenderer } from "@lava/render";

/**
 * The name under which a client shows up at the server: CONN_APP_NAME rendered with realm, job_id and conn_id,
 * without quotes and backslashes; none unless all of them are there (CON-all-12).
 */
export function applicationName(
  realm: Realm,
  conn_id: string,
  job_id: string | undefined,
): string | undefined {
  const template = realm.config.CONN_APP_NAME;
  if (!template || !job_id) return undefined;
  const names = { realm: realm.name, job_id, conn_id };
  return createRenderer()
    .render(template, names)
    .replace(/['"\\]/g, "");
}
