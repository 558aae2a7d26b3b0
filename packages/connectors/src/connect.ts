import { LavaError } from "@lava/core";
import { awsSettingsFromEnv, createAwsClients, openRealm, type Realm } from "@lava/realm";
import type { StoredConnection } from "@lava/spec";
import { applicationName } from "./application-name.ts";
import type { ConnectionCheck, ConnectorContext, PluginConnector } from "./connector.ts";
import type { MailClient } from "./email/client.ts";
import type { FileTransfer } from "./files/file-transfer.ts";
import {
  type ClientOf,
  type ConnectionClient,
  connectorOf,
  type OpenableType,
} from "./registry.ts";
import type { SqlClient } from "./sql/client.ts";

/** Options of {@link connect}. */
export interface ConnectOptions {
  /** An open realm, or the name of one: its AWS clients are then made, and closed with the connection. */
  readonly realm: Realm | string;
  /** The process's environment: for the realm when it is given by name (`AWS_*`, `LAVA_*`), for drivers always. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Job for which the connection is opened: part of the name shown at the server (CON-all-12). */
  readonly job_id?: string | undefined;
  /** Name of this client to the server, instead of the one that CONN_APP_NAME makes. */
  readonly applicationName?: string | undefined;
  /** Directory for private temporary files, TMPDIR of the realm by default. */
  readonly tmpdir?: string;
}

/**
 * Opens a connection by its id; the client disconnects when disposed of.
 *
 * @example
 *   await using db = await connect("my-db", { realm: "prod", type: "sqlite3" });
 *   for (const row of await db.query("select * from cities")) console.log(row);
 *
 * @throws {LavaError} NO_SUCH_CONNECTION, CONNECTION_DISABLED, CONNECTION_TYPE_NOT_AVAILABLE, WRONG_CONNECTION_TYPE
 */
export async function connect<T extends OpenableType>(
  conn_id: string,
  options: ConnectOptions & { readonly type: T },
): Promise<ClientOf<T>>;
export async function connect(conn_id: string, options: ConnectOptions): Promise<ConnectionClient>;
export async function connect(
  conn_id: string,
  options: ConnectOptions & { readonly type?: OpenableType },
): Promise<ConnectionClient> {
  await using stack = new AsyncDisposableStack();
  const realm = await useRealm(options, stack);
  const connection = await getConnection(realm, conn_id);
  const connector = connectorOf(conn_id, connection.type);
  if (options.type !== undefined && connector.type !== options.type) {
    throw wrongType(connection, options.type);
  }
  const client = await connector.open(connection, toContext(realm, connection, options));
  return owning(client, stack.move());
}

/**
 * Opens a connection of a plug-in's own type, by the connector that is given.
 *
 * @throws {LavaError} NO_SUCH_CONNECTION, CONNECTION_DISABLED, WRONG_CONNECTION_TYPE
 */
export async function connectWith<C extends AsyncDisposable>(
  connector: PluginConnector<C>,
  conn_id: string,
  options: ConnectOptions,
): Promise<C> {
  await using stack = new AsyncDisposableStack();
  const realm = await useRealm(options, stack);
  const connection = await getConnection(realm, conn_id);
  if (connection.type !== connector.type) throw wrongType(connection, connector.type);
  if (!connection.enabled) {
    throw new LavaError("CONNECTION_DISABLED", `Connection ${conn_id}: Not enabled`, {
      retry: "never",
    });
  }
  const client = await connector.open(connection, toContext(realm, connection, options));
  return owning(client, stack.move());
}

/** Opens a SQL connection of any dialect. @throws {LavaError} as {@link connect} does */
export async function connectSql(conn_id: string, options: ConnectOptions): Promise<SqlClient> {
  await using stack = new AsyncDisposableStack();
  const realm = await useRealm(options, stack);
  const connection = await getConnection(realm, conn_id);
  const connector = connectorOf(conn_id, connection.type);
  if (connector.family !== "sql") throw wrongType(connection, "SQL");
  const client = await connector.open(connection, toContext(realm, connection, options));
  return owning(client, stack.move());
}

/**
 * Opens a connection that sends mail: email or ses.
 *
 * @throws {LavaError} as {@link connect} does
 */
export async function connectMail(conn_id: string, options: ConnectOptions): Promise<MailClient> {
  await using stack = new AsyncDisposableStack();
  const realm = await useRealm(options, stack);
  const connection = await getConnection(realm, conn_id);
  const connector = connectorOf(conn_id, connection.type);
  if (connector.family !== "mail") {
    throw new LavaError(
      "WRONG_CONNECTION_TYPE",
      `Connection ${conn_id}: Must be of type "email" or "ses" not "${connection.type}"`,
      { retry: "never" },
    );
  }
  const client = await connector.open(connection, toContext(realm, connection, options));
  return owning(client, stack.move());
}

/**
 * Opens a connection that holds files: sftp, scp, smb or sharepoint.
 *
 * @throws {LavaError} as {@link connect} does
 */
export async function connectFiles(
  conn_id: string,
  options: ConnectOptions,
): Promise<FileTransfer> {
  await using stack = new AsyncDisposableStack();
  const realm = await useRealm(options, stack);
  const connection = await getConnection(realm, conn_id);
  const connector = connectorOf(conn_id, connection.type);
  if (connector.family !== "files") throw wrongType(connection, "sftp, scp, smb or sharepoint");
  const client = await connector.open(connection, toContext(realm, connection, options));
  return owning(client, stack.move());
}

/** Tests a connection: reaches the other side and asks who it is. Tells no secret. */
export async function checkConnection(
  conn_id: string,
  options: ConnectOptions,
): Promise<ConnectionCheck> {
  await using stack = new AsyncDisposableStack();
  const realm = await useRealm(options, stack);
  const connection = await getConnection(realm, conn_id);
  return await connectorOf(conn_id, connection.type).check(
    connection,
    toContext(realm, connection, options),
  );
}

/**
 * The record of a connection; its connector checks whether it is enabled (CON-all-03).
 *
 * @throws {LavaError} NO_SUCH_CONNECTION, BAD_CONNECTION_RECORD (CON-all-01)
 */
export async function getConnection(realm: Realm, conn_id: string): Promise<StoredConnection> {
  const connection = await realm.connections.get(conn_id);
  if (connection === undefined) {
    throw new LavaError("NO_SUCH_CONNECTION", `${conn_id}: No such connection`, {
      retry: "never",
      hint: `Realm ${realm.name} has no such record in its connections table.`,
    });
  }
  return connection;
}

/** What a connector is given. */
export function toContext(
  realm: Realm,
  { conn_id }: StoredConnection,
  {
    job_id,
    tmpdir,
    env = {},
    applicationName: own,
  }: Pick<ConnectOptions, "job_id" | "tmpdir" | "env" | "applicationName">,
): ConnectorContext {
  return {
    realm,
    logger: realm.logger,
    env,
    tmpdir: tmpdir ?? realm.config.TMPDIR,
    applicationName: own ?? applicationName(realm, conn_id, job_id),
  };
}

/** The realm that was given, or the named one, whose AWS clients `stack` then closes. */
async function useRealm(
  { realm, env = {} }: ConnectOptions,
  stack: AsyncDisposableStack,
): Promise<Realm> {
  if (typeof realm !== "string") return realm;
  const clients = stack.use(createAwsClients(awsSettingsFromEnv(env)));
  return openRealm(realm, { clients, env });
}

/** The client, which closes what was opened for it as well. */
function owning<C extends AsyncDisposable>(client: C, owned: AsyncDisposableStack): C {
  return {
    ...client,
    async [Symbol.asyncDispose]() {
      await using _after = owned;
      await client[Symbol.asyncDispose]();
    },
  };
}

function wrongType(connection: StoredConnection, wanted: string): LavaError {
  return new LavaError(
    "WRONG_CONNECTION_TYPE",
    `Connection ${connection.conn_id} is of type ${connection.type}, not ${wanted}`,
    { retry: "never" },
  );
}
