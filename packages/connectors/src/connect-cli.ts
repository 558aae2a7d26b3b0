import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorText, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import { getConnection, toContext } from "./connect.ts";
import type { Connector, PluginConnector } from "./connector.ts";
import { connectorOf } from "./registry.ts";

/** Options of {@link connectCli}. */
export interface ConnectCliOptions {
  readonly realm: Realm;
  /** The job's directory: the wrapper gets a new private directory in it. */
  readonly workdir: string;
  readonly job_id?: string | undefined;
  /** Connection types of plug-ins. */
  readonly connectors?: readonly PluginConnector[];
  /** The worker's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Writes the command-line wrapper of a connection and returns the path of its script (CON-all-10): a directory
 * `conn.XXXXXXXX` of mode 0700, scripts of mode 0700, all else 0600, each made with its mode from the start.
 *
 * @throws {LavaError} NO_SUCH_CONNECTION, CONNECTION_DISABLED, CONNECTION_TYPE_NOT_AVAILABLE, WRAPPER_FAILED
 */
export async function connectCli(
  conn_id: string,
  { realm, workdir, job_id, env = {}, connectors = [] }: ConnectCliOptions,
): Promise<string> {
  const connection = await getConnection(realm, conn_id);
  if (!connection.enabled) {
    throw new LavaError("CONNECTION_DISABLED", `Connection ${conn_id}: Not enabled`, {
      retry: "never",
    });
  }
  const own = connectors.find(({ type }) => type === connection.type);
  const connector: Pick<Connector, "cli"> = own ?? connectorOf(conn_id, connection.type);
  if (connector.cli === undefined) {
    throw new LavaError(
      "UNSUPPORTED_CONNECTION",
      `${conn_id}: Unsupported connection type - ${connection.type}`,
      { retry: "never", hint: "Connections of this type have no command." },
    );
  }
  const dir = join(workdir, `conn.${randomUUID().slice(0, 8)}`);
  await mkdir(dir, { mode: 0o700 });
  const context = { ...toContext(realm, connection, { job_id, tmpdir: workdir, env }), dir };
  try {
    const wrapper = await connector.cli(connection, context);
    for (const file of wrapper.files) {
      const path = join(dir, file.name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, file.content, { mode: file.mode, flag: "wx" });
    }
    return join(dir, wrapper.command);
  } catch (error) {
    throw new LavaError("WRAPPER_FAILED", `Connection ${conn_id}: ${errorText(error)}`, {
      cause: error,
      ...(error instanceof LavaError ? { hint: error.hint ?? "", retry: error.retry } : {}),
    });
  }
}
