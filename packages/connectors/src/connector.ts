import type { Data, Logger } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { ConnectionType, StoredConnection } from "@lava/spec";
import type * as z from "zod";

/** What a connector is given besides the connection's record. */
export interface ConnectorContext {
  readonly realm: Realm;
  readonly logger: Logger;
  /** Environment of the process that connects: where the docker daemon is, and the like. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Directory for private temporary files (TMPDIR of the realm by default). */
  readonly tmpdir: string;
  /** Name of this client to the server, where it has a place for one (CON-all-12). */
  readonly applicationName?: string | undefined;
}

/** What a connector is given to write a wrapper. */
export interface WrapperContext extends ConnectorContext {
  /** The private directory (mode 0700) in which the wrapper's files will be. */
  readonly dir: string;
}

/** A file of a wrapper. */
export interface WrapperFile {
  /** Relative to the wrapper's directory; may name a sub folder. */
  readonly name: string;
  readonly content: string;
  /** 0o700 for scripts, 0o600 for all else. */
  readonly mode: number;
}

/** A command that uses a connection without showing its credentials (CON-all-10, WF-240 onward). */
export interface Wrapper {
  /** Name of the file to be run. */
  readonly command: string;
  readonly files: readonly WrapperFile[];
}

/** What {@link Connector.check} found; never a secret. */
export interface ConnectionCheck {
  /** Version or banner of the other side. */
  readonly server: string;
  readonly details?: Readonly<Record<string, Data>>;
}

/**
 * One connection type. `open` loads the driver, connects, and returns a client that disconnects when disposed of;
 * `cli` is pure but for the secrets it reads.
 */
export interface Connector<
  T extends ConnectionType = ConnectionType,
  C extends AsyncDisposable = AsyncDisposable,
  F extends ConnectorFamily = ConnectorFamily,
> {
  readonly type: T;
  /** Which kind of client `open` gives. */
  readonly family: F;
  open(connection: StoredConnection, context: ConnectorContext): Promise<C>;
  /** Absent where the original has no wrapper either (CON-all-04). */
  cli?(connection: StoredConnection, context: WrapperContext): Promise<Wrapper>;
  check(connection: StoredConnection, context: ConnectorContext): Promise<ConnectionCheck>;
}

/** A connection type of a plug-in; its records are checked by a schema of its own. */
export interface PluginConnector<C extends AsyncDisposable = AsyncDisposable> {
  readonly type: string;
  /** Fields of the record beside those that every connection has (conn_id, type, enabled, description, owner). */
  readonly fields: z.ZodType;
  open(connection: StoredConnection, context: ConnectorContext): Promise<C>;
  cli?(connection: StoredConnection, context: WrapperContext): Promise<Wrapper>;
  check(connection: StoredConnection, context: ConnectorContext): Promise<ConnectionCheck>;
}

/** Kinds of clients; each has one contract. */
export type ConnectorFamily =
  | "sql"
  | "attributes"
  | "aws"
  | "docker"
  | "mail"
  | "chat"
  | "files"
  | "git"
  | "shell";

/** A connector whose client is typed by what it opens. */
export function defineConnector<
  const T extends ConnectionType,
  C extends AsyncDisposable,
  const F extends ConnectorFamily,
>(connector: Connector<T, C, F>): Connector<T, C, F> {
  return connector;
}
