import { errorText, LavaError } from "@lava/core";
import { isOfCertificate, networkReason } from "../network-fault.ts";

/** A fault of a statement: the driver's text as the original prints it, and the database's own code. */
export interface StatementFault {
  /** What the original's driver puts into its message (T-49). */
  readonly message: string;
  /** The database's own words, for people. */
  readonly text: string;
  /** The database's own code: SQLSTATE or a number. */
  readonly code: string;
  readonly sql: string;
  readonly cause: unknown;
}

/** Characters of a statement that an error quotes. */
const EXCERPT = 80;

/** The start of a statement on one line. */
export function sqlExcerpt(sql: string): string {
  const line = sql.trim().replace(/\s+/g, " ");
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT - 1)}…` : line;
}

/** A statement that the database refused. */
export function statementError({ message, text, code, sql, cause }: StatementFault): LavaError {
  const statement = sqlExcerpt(sql);
  return new LavaError("SQL_ERROR", message, {
    cause,
    hint: `${text} (${code}) in: ${statement}`,
    data: { sql_code: code, sql_text: text, statement },
  });
}

/** Where a connection goes; nothing of it is secret. */
export interface SqlTarget {
  readonly conn_id: string;
  readonly host: string;
  readonly port: number;
}

/** A server that cannot be reached, or with which no TLS can be agreed. */
export function unreachable({ conn_id, host, port }: SqlTarget, cause: unknown): LavaError {
  return new LavaError(
    "CONNECTION_FAILED",
    `Connection ${conn_id}: Cannot connect to ${host}:${port}: ${networkReason(cause)}`,
    {
      cause,
      hint: isOfCertificate(cause)
        ? "Name the certificate of the server's authority in `ca_cert`."
        : "Check `host`, `port` and `ssl`, and whether the server runs.",
    },
  );
}

/** A login that the server refused. */
export function loginRefused({ conn_id }: SqlTarget, text: string, cause: unknown): LavaError {
  return new LavaError("LOGIN_FAILED", `Connection ${conn_id}: ${text}`, {
    cause,
    hint: "Check the user and the parameter or secret that holds the password.",
  });
}

/** A connection that broke while it was in use; what was read so far is not the whole result. */
export function connectionLost({ conn_id, host, port }: SqlTarget, cause: unknown): LavaError {
  return new LavaError(
    "CONNECTION_LOST",
    `Connection ${conn_id}: The connection to ${host}:${port} broke off: ${errorText(cause)}`,
    { cause, hint: "What was read of the result is not all of it." },
  );
}

/** A statement that {@link SqlClient.cancel} stopped. */
export function statementCancelled(): LavaError {
  return new LavaError("SQL_CANCELLED", "The statement was cancelled");
}
