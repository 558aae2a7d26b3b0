import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { StoredConnection } from "@lava/spec";
import { pythonText } from "../python-text.ts";
import { checkKeys } from "../record-keys.ts";
import { requireEnabled } from "../require-enabled.ts";

/** What a sharepoint connection says (CON-sharepoint-01), its secrets read. Never log it. */
export interface SharePointRecord {
  readonly conn_id: string;
  readonly orgBaseUrl: string;
  readonly siteName: string;
  readonly tenant: string;
  readonly clientId: string;
  /** How the application says who it is: a secret, or a certificate with its key (PEM). */
  readonly application: { readonly secret: string } | { readonly certificate: string };
  /** Absent: the application works in its own name, by client credentials. */
  readonly login: { readonly user: string; readonly password: string } | undefined;
  readonly proxy: string | undefined;
  /** Without a slash at their end; others than Microsoft's public cloud has are those of national clouds. */
  readonly loginUrl: string;
  readonly graphUrl: string;
}

/** @throws {LavaError} BAD_CONNECTION_RECORD, CONNECTION_DISABLED */
export async function readSharePointRecord(
  connection: StoredConnection,
  realm: Realm,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SharePointRecord> {
  const { conn_id, raw } = connection;
  const required = ["conn_id", "type", "org_base_url", "site_name", "tenant", "client_id"];
  const way = raw["client_certificate"] ? "client_certificate" : "client_secret";
  checkKeys(raw, { required: [...required, way] }, `Connection ${conn_id}: `);
  requireEnabled(connection);
  const text = (name: string): string | undefined => {
    const value = raw[name];
    return value === undefined || value === null || value === "" ? undefined : pythonText(value);
  };
  const secret = async (name: string): Promise<string> => {
    const value = await realm.secrets.parameter(text(name) ?? "");
    realm.redactor.add(value);
    return value;
  };
  const user = text("user");
  if (user !== undefined && text("password") === undefined) {
    throw new LavaError(
      "BAD_CONNECTION_RECORD",
      `Connection ${conn_id}: password is required if user is specified`,
      { retry: "never" },
    );
  }
  const url = (name: string, otherwise: string): string =>
    (text(name) ?? otherwise).replace(/\/+$/, "");
  return {
    conn_id,
    orgBaseUrl: text("org_base_url") ?? "",
    siteName: text("site_name") ?? "",
    tenant: text("tenant") ?? "",
    clientId: text("client_id") ?? "",
    application:
      way === "client_secret" ? { secret: await secret(way) } : { certificate: await secret(way) },
    login: user === undefined ? undefined : { user, password: await secret("password") },
    proxy: text("https_proxy") ?? (env["HTTPS_PROXY"] || env["https_proxy"] || undefined),
    loginUrl: url("login_url", "https://login.microsoftonline.com"),
    graphUrl: url("graph_url", "https://graph.microsoft.com/v1.0"),
  };
}
