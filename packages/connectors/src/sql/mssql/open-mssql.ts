import { errorText, isMap, isTruthy, LavaError } from "@lava/core";
import type { Connection } from "tedious";
import type { SqlClient } from "../client.ts";
import { loadDriver } from "../load-driver.ts";
import { loginRefused, unreachable } from "../sql-errors.ts";
import type { SqlSpec } from "../sql-spec.ts";
import { tlsOptions } from "../tls-options.ts";
import { readExactly } from "./exact-values.ts";
import { createMssqlClient } from "./mssql-client.ts";

/** Seconds for connecting where the record does not say. */
const TIMEOUT = 30;

/** Connects to a SQL Server. @throws {LavaError} DRIVER_MISSING, CONNECTION_FAILED, LOGIN_FAILED */
export async function openMssql(
  spec: SqlSpec,
  applicationName: string | undefined,
): Promise<SqlClient> {
  const { host, port, user, password, database, fields } = spec;
  if (!database) {
    // The original's text: its driver tells the name of what it lacks (T-50).
    throw new LavaError("BAD_CONNECTION_RECORD", "'database'", {
      retry: "never",
      hint: `Connection ${spec.conn_id} needs a database, in its record or as dbname in its secret.`,
    });
  }
  const tls = await tlsOptions(spec);
  const tedious = await loadDriver("tedious", () => import("tedious"));
  const connect = async (encrypt: boolean): Promise<Connection> => {
    const connection = new tedious.Connection({
      server: host,
      authentication: { type: "default", options: { userName: user, password } },
      options: {
        port,
        database,
        encrypt,
        // The driver knows no check of the chain alone: `ssl_verify: ca` compares the host's name as well.
        trustServerCertificate: tls?.rejectUnauthorized !== true,
        ...(tls?.ca === undefined ? {} : { cryptoCredentialsDetails: { ca: tls.ca } }),
        connectTimeout: Number(fields["timeout"] ?? TIMEOUT) * 1000,
        requestTimeout: 0,
        useUTC: true,
        ...(applicationName === undefined ? {} : { appName: applicationName }),
      },
    });
    // The very object that the driver hands to its readers.
    const config: unknown = Reflect.get(connection, "config");
    if (isMap(config) && isMap(config["options"])) readExactly(config["options"]);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    connection.connect((error) => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
    await promise;
    return connection;
  };
  try {
    // As FreeTDS: TLS where the server has it, and only where the record says so is it a must.
    const opened = connect(true).then((connection) => ({ connection, tls: true }));
    const { connection, tls: isSecure } = await opened.catch(async (error: unknown) => {
      const isPlain = isMap(error) && error["code"] === "EENCRYPT" && !isTruthy(fields["ssl"]);
      if (!isPlain) throw error;
      return { connection: await connect(false), tls: false };
    });
    return createMssqlClient({ connection, tedious, target: spec, tls: isSecure });
  } catch (error) {
    if (error instanceof LavaError) throw error;
    throw isMap(error) && error["code"] === "ELOGIN"
      ? loginRefused(spec, errorText(error), error)
      : unreachable(spec, error);
  }
}
