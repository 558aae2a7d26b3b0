import { isTruthy, LavaError } from "@lava/core";
import type { Connection, ConnectionOptions } from "mysql2";
import type { SqlCopyInClient } from "../client.ts";
import { loadDriver } from "../load-driver.ts";
import type { SqlSpec } from "../sql-spec.ts";
import { tlsOptions } from "../tls-options.ts";
import { createMysqlClient } from "./mysql-client.ts";
import { fromMysqlConnectError } from "./mysql-errors.ts";

/** Milliseconds for connecting. */
const CONNECT_TIMEOUT = 30_000;

/** Seconds that the server waits for somebody to read a result: whoever reads may do other work in between. */
const WRITE_TIMEOUT = 3600;

/** Connects to a MySQL or MariaDB server. @throws {LavaError} DRIVER_MISSING, CONNECTION_FAILED, LOGIN_FAILED */
export async function openMysql(
  spec: SqlSpec,
  applicationName: string | undefined,
): Promise<SqlCopyInClient> {
  const { host, port, user, password, database } = spec;
  if (!database) {
    // The original's text: its driver tells the name of what it lacks (T-50).
    throw new LavaError("BAD_CONNECTION_RECORD", "'database'", {
      retry: "never",
      hint: `Connection ${spec.conn_id} needs a database, in its record or as dbname in its secret.`,
    });
  }
  const { createConnection } = await loadDriver("mysql2", () => import("mysql2"));
  const tls = await tlsOptions(spec);
  const options: ConnectionOptions = {
    host,
    port,
    user,
    password,
    database,
    charset: "utf8mb4",
    connectTimeout: CONNECT_TIMEOUT,
    // As Python's driver: rows changed are counted, not rows found, and `count (*)` is no function.
    flags: ["-FOUND_ROWS", "-IGNORE_SPACE", "LOCAL_FILES"],
    // A token of IAM goes as it is, which TLS makes safe.
    enableCleartextPlugin: tls !== undefined,
    ...(applicationName === undefined
      ? {}
      : { connectAttributes: { program_name: applicationName } }),
    ...(tls === undefined
      ? {}
      : {
          ssl: {
            rejectUnauthorized: tls.rejectUnauthorized !== false,
            verifyIdentity: isTruthy(spec.fields["ssl_verify"] === "full"),
            ...(typeof tls.ca === "string" ? { ca: tls.ca } : {}),
          },
        }),
  };
  const connect = (): Promise<Connection> => {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const connection = createConnection(options);
    connection.on("error", reject);
    connection.connect((error) => {
      if (error === null) resolve(connection);
      else reject(error);
    });
    return promise;
  };
  let connection: Connection;
  try {
    connection = await connect();
  } catch (error) {
    throw fromMysqlConnectError(error, spec);
  }
  const client = createMysqlClient({ connection, another: connect, target: spec });
  await client.execute(`SET SESSION net_write_timeout = ${WRITE_TIMEOUT}`);
  return client;
}
