import { LavaError } from "@lava/core";
import type { StoredConnection } from "@lava/spec";
import { type ConnectorContext, defineConnector } from "../connector.ts";
import { pythonText } from "../python-text.ts";
import type { DockerClient } from "./client.ts";
import { createDockerClient } from "./docker-client.ts";
import { loadDockerConfig } from "./docker-config.ts";
import { dockerodeOptions, findDockerServer } from "./docker-server.ts";
import { findRegistryLogin } from "./registry-login.ts";

/** Seconds for one call of the daemon where the record says nothing, as the original's library has it. */
const TIMEOUT = 60;

/** `docker`: a daemon and a registry (CON-docker-01..03). It has no command-line wrapper (CON-all-04). */
export const docker = defineConnector({
  type: "docker",
  family: "docker",
  open: openClient,
  async check(connection, context) {
    await using client = await openClient(connection, context);
    const { name, version } = await client.info();
    return {
      server: `Docker ${version}`,
      details: { name, ...(client.registry === undefined ? {} : { registry: client.registry }) },
    };
  },
});

async function openClient(
  connection: StoredConnection,
  { realm, env }: ConnectorContext,
): Promise<DockerClient> {
  const { conn_id, raw } = connection;
  if (!connection.enabled) {
    throw new LavaError("CONNECTION_DISABLED", `Connection ${conn_id}: Not enabled`, {
      retry: "never",
    });
  }
  const server = findDockerServer(conn_id, raw, env);
  const [Docker, options, config] = await Promise.all([
    loadDockerode(),
    dockerodeOptions(server),
    loadDockerConfig(env),
  ]);
  return createDockerClient({
    conn_id,
    docker: new Docker(options),
    server,
    timeoutMs: timeoutOf(conn_id, raw["timeout"]) * 1000,
    config,
    login: () => findRegistryLogin(conn_id, raw, realm),
  });
}

async function loadDockerode() {
  try {
    const { default: Docker } = await import("dockerode");
    return Docker;
  } catch (cause) {
    throw new LavaError("DRIVER_MISSING", "The package dockerode is not installed", {
      cause,
      hint: "Install it beside lava: npm install dockerode",
    });
  }
}

function timeoutOf(conn_id: string, value: unknown): number {
  if (value === undefined || value === null) return TIMEOUT;
  const seconds = Number(pythonText(String(value)));
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new LavaError(
    "BAD_CONNECTION_RECORD",
    `Connection ${conn_id}: Bad timeout: ${String(value)}`,
    { retry: "never", hint: "Write seconds as a number." },
  );
}
