import type { TestServer } from "./test-server.ts";

/** A database server of a test, with one administrator who logs in by password. */
export interface TestSqlServer extends TestServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** A database that is there from the start. */
  readonly database: string;
  /** File of the certificate that the server shows; undefined where it speaks no TLS or nobody told. */
  readonly ca: string | undefined;
  /** Runs statements with the server's own client, as its administrator; what it printed. */
  sql(text: string, database?: string): Promise<string>;
  /** Makes a new empty database; its name. Dropped with the server, or when a named server is let go. */
  createDatabase(): Promise<string>;
}

/** A server that an environment variable names, as `scheme://user:password@host:port/database`. */
export interface NamedServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Reads the URL of a named server; undefined where the variable is not set. */
export function namedServer(url: string | undefined, defaultPort: number): NamedServer | undefined {
  if (!url) return undefined;
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: port === "" ? defaultPort : Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
  };
}
