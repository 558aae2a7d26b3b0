import { errorText, isMap, LavaError } from "@lava/core";
import { networkCode } from "../../network-fault.ts";
import { pythonRepr } from "../../python-text.ts";
import {
  connectionLost,
  loginRefused,
  type SqlTarget,
  statementError,
  unreachable,
} from "../sql-errors.ts";

/** Fields of the server's message, by the letters of the protocol, in the server's order (T-49). */
const FIELDS: readonly (readonly [string, string])[] = [
  ["S", "severity"],
  ["V", "severity"],
  ["C", "code"],
  ["M", "message"],
  ["D", "detail"],
  ["H", "hint"],
  ["P", "position"],
  ["p", "internalPosition"],
  ["q", "internalQuery"],
  ["W", "where"],
  ["s", "schema"],
  ["t", "table"],
  ["c", "column"],
  ["d", "dataType"],
  ["n", "constraint"],
  ["F", "file"],
  ["L", "line"],
  ["R", "routine"],
];

/** SQLSTATEs of a server that ends connections. */
const ENDED = /^(?:57P0[1235]|08)/;

/** The server's SQLSTATE of an error; undefined where the server did not speak. */
export function sqlState(error: unknown): string | undefined {
  if (!isMap(error) || typeof error["severity"] !== "string") return undefined;
  return typeof error["code"] === "string" ? error["code"] : undefined;
}

/** The server's message as the original's driver prints it: a Python dict by letters of the protocol. */
function messageText(error: Record<string, unknown>): string {
  const fields: Record<string, string> = {};
  for (const [letter, name] of FIELDS) {
    const value = error[name];
    if (typeof value === "string") fields[letter] = value;
  }
  return pythonRepr(fields);
}

/** A fault of a statement as a {@link LavaError}. */
export function fromPostgresError(error: unknown, sql: string, target: SqlTarget): unknown {
  if (error instanceof LavaError) return error;
  const code = sqlState(error);
  if (code === undefined || !isMap(error)) {
    return isBroken(error) ? connectionLost(target, error) : error;
  }
  if (ENDED.test(code)) return connectionLost(target, error);
  const message = messageText(error);
  return statementError({ message, text: errorText(error), code, sql, cause: error });
}

/** A fault of connecting as a {@link LavaError}: LOGIN_FAILED for refused logins, else CONNECTION_FAILED. */
export function fromConnectError(error: unknown, target: SqlTarget): LavaError {
  const code = sqlState(error);
  if (code?.startsWith("28")) return loginRefused(target, errorText(error), error);
  return unreachable(target, error);
}

function isBroken(error: unknown): boolean {
  if (networkCode(error) !== "") return true;
  return error instanceof Error && /terminated|closed|not queryable|ended/i.test(error.message);
}
