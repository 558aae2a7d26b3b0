import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DataMap, isTruthy, LavaError } from "@lava/core";
import { pythonText } from "../python-text.ts";

/** Environment variables. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Where a docker daemon is. What is secret stays in its files. */
export type DockerServer =
  | { readonly socketPath: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly tls: boolean;
      /** Folder with `ca.pem`, `cert.pem` and `key.pem` for TLS. */
      readonly certPath?: string | undefined;
    };

const DEFAULT_SOCKET = "/var/run/docker.sock";

/**
 * The daemon of a connection record: `server`, with TLS unless `tls` is false; without it the one that the docker
 * command would use (DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH; CON-docker-01).
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD
 */
export function findDockerServer(conn_id: string, record: DataMap, env: Environment): DockerServer {
  const { server, tls } = record;
  const certPath = env["DOCKER_CERT_PATH"] || undefined;
  if (server === undefined || server === null || server === "") {
    const url = env["DOCKER_HOST"] || `unix://${DEFAULT_SOCKET}`;
    return parseServer(conn_id, url, (env["DOCKER_TLS_VERIFY"] ?? "") !== "", certPath);
  }
  return parseServer(conn_id, pythonText(server), tls === undefined || isTruthy(tls), certPath);
}

function parseServer(
  conn_id: string,
  text: string,
  tls: boolean,
  certPath: string | undefined,
): DockerServer {
  if (text.startsWith("/")) return { socketPath: text };
  const socket = /^(?:http\+)?unix:\/\/(\/?.*)$/.exec(text);
  if (socket !== null) {
    const path = socket[1] ?? "";
    return { socketPath: path === "" ? DEFAULT_SOCKET : path.startsWith("/") ? path : `/${path}` };
  }
  const url = URL.parse(text.includes("://") ? text : `tcp://${text}`);
  if (url === null || !/^(?:tcp|https?):$/.test(url.protocol) || url.hostname === "") {
    throw new LavaError("BAD_CONNECTION_RECORD", `Connection ${conn_id}: Bad server: ${text}`, {
      retry: "never",
      hint: "Write unix:///path/of/the/socket, tcp://host:port or https://host:port.",
    });
  }
  const secure = url.protocol === "https:" || (url.protocol === "tcp:" && tls);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 2376 : 2375) : Number(url.port),
    tls: secure,
    ...(secure && certPath !== undefined ? { certPath } : {}),
  };
}

/** The options of dockerode for a daemon; every one is set, since it fills gaps from its own environment. */
export async function dockerodeOptions(server: DockerServer) {
  const none = {
    host: undefined,
    port: undefined,
    socketPath: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: undefined,
    protocol: "http" as const,
  };
  if ("socketPath" in server) return { ...none, socketPath: server.socketPath };
  const { host, port, tls, certPath } = server;
  if (!tls) return { ...none, host, port };
  const read = (name: string): Promise<string | undefined> =>
    certPath === undefined
      ? Promise.resolve(undefined)
      : readFile(join(certPath, name), "utf8").catch(() => undefined);
  const [ca, cert, key] = await Promise.all([read("ca.pem"), read("cert.pem"), read("key.pem")]);
  return { ...none, host, port, protocol: "https" as const, ca, cert, key };
}
