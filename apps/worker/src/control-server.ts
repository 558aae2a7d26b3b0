import { chmodSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { join } from "node:path";
import { errorText, LavaError, type Logger } from "@lava/core";
import type { PrometheusMetrics, RunTracker } from "@lava/worker";

/** Name of the socket in a worker's directory; `lava ps --local` asks it. */
export const CONTROL_SOCKET = "control.sock";

/** Options of {@link startControlServer}. */
export interface ControlServerOptions {
  readonly tracker: RunTracker;
  readonly metrics: PrometheusMetrics;
  /** Directory of the worker, private to its user: the socket is in it. */
  readonly folder: string;
  /** TCP port as well; undefined for none. */
  readonly port?: number | undefined;
  readonly bind?: string;
  readonly logger: Logger;
}

/**
 * Answers `/state`, `/metrics` and `/healthz` at a socket in the worker's directory and, where a port is configured, at
 * an address (OPS-162, OPS-223). Nothing of it can be changed from there, and no configuration is shown.
 *
 * @throws {LavaError} PORT_IN_USE when the configured port cannot be listened on
 */
export async function startControlServer(options: ControlServerOptions): Promise<AsyncDisposable> {
  const { folder, port, bind = "127.0.0.1", logger } = options;
  const servers: Server[] = [];
  const socket = join(folder, CONTROL_SOCKET);
  try {
    servers.push(await listen(answer(options), { path: socket }));
    chmodSync(socket, 0o600);
  } catch (error) {
    // A path that is too long for a socket: the state is still in the log (SIGUSR1) and in the realm.
    logger.debug({ event_type: "worker" }, `No control socket at ${socket}: ${errorText(error)}`);
  }
  if (port !== undefined) {
    try {
      servers.push(await listen(answer(options), { port, host: bind }));
    } catch (cause) {
      for (const server of servers) server.close();
      throw new LavaError(
        "PORT_IN_USE",
        `Port ${port} of ${bind} cannot be listened on: ${errorText(cause)}`,
        {
          cause,
          hint: "Choose another METRICS_PORT for each worker of a host, or 0 for none.",
        },
      );
    }
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function answer({ tracker, metrics }: ControlServerOptions): RequestListener {
  return (request, response) => {
    const send = (status: number, type: string, body: string): void => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    if (request.method !== "GET" && request.method !== "HEAD") {
      send(405, "text/plain", "only GET\n");
      return;
    }
    const snapshot = tracker.snapshot();
    switch (request.url) {
      case "/state":
        send(200, "application/json", `${JSON.stringify(snapshot ?? null)}\n`);
        return;
      case "/metrics":
        send(200, "text/plain; version=0.0.4; charset=utf-8", metrics.render());
        return;
      case "/healthz": {
        const isWell = snapshot?.state === "running";
        send(isWell ? 200 : 503, "text/plain", `${snapshot?.state ?? "starting"}\n`);
        return;
      }
      default:
        send(404, "text/plain", "/state, /metrics or /healthz\n");
    }
  };
}

async function listen(
  listener: RequestListener,
  where: { path: string } | { port: number; host: string },
): Promise<Server> {
  const server = createServer({ requestTimeout: 5000 }, listener);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(where, resolve);
  await promise;
  server.off("error", reject);
  server.on("error", () => undefined);
  server.unref();
  return server;
}
