import { type Data, isTruthy, LavaError } from "@lava/core";
import type { StoredConnection } from "@lava/spec";
import { pythonText } from "../python-text.ts";
import { checkKeys } from "../record-keys.ts";

/** Fields of an email or ses connection, read leniently as the original does. */
export interface MailRecord {
  readonly subtype: string;
  readonly from?: string | undefined;
  readonly reply_to: readonly string[];
  readonly region?: string | undefined;
  readonly configuration_set?: string | undefined;
  readonly return_path?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly tls: boolean;
  readonly user?: string | undefined;
  /** Name of an SSM parameter. */
  readonly password?: string | undefined;
}

const FIELDS = [
  ...["from", "region", "return_path", "reply_to", "subtype", "user", "host", "password"],
  ...["port", "tls", "configuration_set"],
];

/**
 * Reads a connection's record (CON-email-01).
 *
 * @throws {LavaError} CONNECTION_DISABLED, BAD_CONNECTION_RECORD
 */
export function readMailRecord({ conn_id, enabled, raw, type }: StoredConnection): MailRecord {
  checkKeys(
    raw,
    {
      required: ["conn_id", "type"],
      optional: ["enabled", "description", "owner", "secret_id", ...FIELDS],
    },
    `Connection ${conn_id}: `,
  );
  if (!enabled) {
    throw new LavaError("CONNECTION_DISABLED", `Connection ${conn_id}: Not enabled`, {
      retry: "never",
    });
  }
  const text = (name: string): string | undefined => {
    const value = raw[name];
    return value === undefined || value === null || value === "" ? undefined : pythonText(value);
  };
  const subtype = type.toLowerCase() === "ses" ? "ses" : (text("subtype") ?? "ses");
  if (subtype !== "ses" && subtype !== "smtp") {
    throw new LavaError(
      "BAD_CONNECTION_RECORD",
      `No email handler for type/subtype ${type}/${subtype}`,
      { retry: "never", hint: "Use subtype ses or smtp." },
    );
  }
  const port = text("port");
  return {
    subtype,
    from: text("from"),
    reply_to: listOf(raw["reply_to"]),
    region: text("region"),
    configuration_set: text("configuration_set"),
    return_path: text("return_path"),
    host: text("host"),
    port: port === undefined ? undefined : Number(port),
    tls: isYes(raw["tls"]),
    user: text("user"),
    password: text("password"),
  };
}

function listOf(value: Data | undefined): string[] {
  if (Array.isArray(value)) return value.map((item: Data) => pythonText(item));
  return typeof value === "string" && value !== "" ? [value] : [];
}

/** A truth, or its text (WK-177). */
function isYes(value: Data | undefined): boolean {
  if (typeof value !== "string") return isTruthy(value);
  return /^(?:true|t|yes|y|[+-]?0*[1-9]\d*)$/i.test(value.trim());
}
