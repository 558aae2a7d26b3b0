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

/** Numbers of refused logins: wrong password, no right to the database, no such plugin. */
const LOGIN = new Set([1044, 1045, 1130, 1251, 1698, 1862, 3118, 3159, 4151]);

/** Numbers of a login with a password that has expired: the server lets it in, and refuses each statement. */
const EXPIRED = new Set([1820, 1862]);

/** Numbers of connections that the server ends. */
const ENDED = new Set([1053, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 4031]);

/** The server's number of an error; undefined where the server did not speak. */
function serverNumber(error: unknown): number | undefined {
  if (!isMap(error) || typeof error["errno"] !== "number") return undefined;
  return typeof error["sqlState"] === "string" ? error["errno"] : undefined;
}

/** A fault of a statement as a {@link LavaError}: `(1146, "Table 'a.b' doesn't exist")`, as Python's driver has it. */
export function fromMysqlError(error: unknown, sql: string, target: SqlTarget): unknown {
  if (error instanceof LavaError) return error;
  const number = serverNumber(error);
  if (number === undefined) return isBroken(error) ? connectionLost(target, error) : error;
  if (ENDED.has(number)) return connectionLost(target, error);
  // The driver keeps the statement there with all its values.
  if (isMap(error)) Reflect.deleteProperty(error, "sql");
  const text = errorText(error);
  if (EXPIRED.has(number)) return loginRefused(target, `The password has expired: ${text}`, error);
  const message = `(${number}, ${pythonRepr(text)})`;
  return statementError({ message, text, code: String(number), sql, cause: error });
}

/** A fault of connecting as a {@link LavaError}: LOGIN_FAILED for refused logins, else CONNECTION_FAILED. */
export function fromMysqlConnectError(error: unknown, target: SqlTarget): LavaError {
  const number = serverNumber(error);
  return number !== undefined && LOGIN.has(number)
    ? loginRefused(target, errorText(error), error)
    : unreachable(target, error);
}

function isBroken(error: unknown): boolean {
  const code = networkCode(error);
  return (
    code === "PROTOCOL_CONNECTION_LOST" ||
    code.startsWith("E") ||
    /closed state/.test(errorText(error))
  );
}
