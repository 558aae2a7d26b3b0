import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Clock, errorText, LavaError, type Logger, nullLogger, systemClock } from "@lava/core";
import { createBackground } from "./background.ts";
import { type Credentials, loadCredentials, makeCredentials, openKeyring } from "./credentials.ts";
import { createDeliveries } from "./deliveries.ts";
import type { EngineContext, ImageRegistry } from "./engine.ts";
import { engineFactories } from "./engines.ts";
import { createFront, type RequestListener } from "./front.ts";
import { createLambdaEngine } from "./lambda/engine.ts";
import { openStore } from "./store.ts";
import { createStsEngine } from "./sts/engine.ts";

/** How to start; all of it is optional. */
export interface LocalAwsOptions {
  /** 0 (default) takes a free one. */
  readonly port?: number;
  /** Keeps data here over restarts; without it they end with the process. */
  readonly dataDir?: string;
  /** Default `local`. */
  readonly region?: string;
  /** Twelve digits; default `000000000000`. */
  readonly accountId?: string;
  /** Made at random, and kept in `dataDir` with mode 0600, when absent. */
  readonly credentials?: Credentials;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** The image registry that ECR gives tokens for; without one the tokens are of no use. */
  readonly registry?: ImageRegistry;
  /** Told of each request whose signature is right, before it is answered. */
  readonly onRequest?: RequestListener;
}

/** A running endpoint; stops when disposed of. */
export interface LocalAws extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly accountId: string;
  readonly credentials: Credentials;
  /** Where data are; mails land in its folder `ses` ({@link readMails}). */
  readonly dataDir: string;
  /** What AWS clients of child processes need. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Starts the endpoint on 127.0.0.1.
 *
 * @throws LavaError PORT_IN_USE, DATA_DIR_IN_USE, BAD_DATA_DIR, BAD_CREDENTIALS_FILE
 */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const { clock = systemClock, logger = nullLogger, region = "local" } = options;
  const accountId = options.accountId ?? "000000000000";
  await using stack = new AsyncDisposableStack();

  const dataDir = openDataDir(options.dataDir, stack);
  const store = openStore(options.dataDir === undefined ? ":memory:" : join(dataDir, "aws.sqlite"));
  stack.defer(() => store.close());
  const credentials =
    options.credentials ??
    (options.dataDir === undefined ? makeCredentials() : loadCredentials(dataDir));
  const keyring = openKeyring(credentials, store, clock);

  const background = createBackground(clock, logger);
  stack.defer(() => background.stop());
  let endpoint = "";
  const context: EngineContext = {
    store,
    clock,
    region,
    accountId,
    logger,
    dataDir,
    endpoint: () => endpoint,
    background: (name, intervalMs, task) => background.run(name, intervalMs, task),
    deliveries: createDeliveries(),
    registry: options.registry,
  };
  const engines = [
    createStsEngine(context, keyring),
    ...engineFactories.map((create) => create(context)),
    createLambdaEngine(context, credentials),
  ];
  for (const engine of engines) stack.defer(() => engine.close?.());

  const stopping = new AbortController();
  const front = createFront({
    engines,
    keyring,
    store,
    clock,
    logger,
    stopping: stopping.signal,
    onRequest: options.onRequest,
  });
  const server = createServer(
    { keepAliveTimeout: 75_000, requestTimeout: 0, noDelay: true },
    (request, response) => {
      front(request, response).catch((error: unknown) => {
        logger.error({ error: errorText(error) }, "request could not be answered");
        response.destroy();
      });
    },
  );
  const port = await listen(server, options.port ?? 0);
  stack.defer(() => stop(server, stopping));
  endpoint = `http://127.0.0.1:${port}`;

  const resources = stack.move();
  return {
    endpoint,
    port,
    region,
    accountId,
    credentials,
    dataDir,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function openDataDir(folder: string | undefined, stack: AsyncDisposableStack): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), "local-aws-"));
    stack.defer(() => rmSync(made, { recursive: true, force: true }));
    return made;
  }
  const dataDir = resolve(folder);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new LavaError("BAD_DATA_DIR", `${dataDir} cannot be made: ${errorText(error)}`, {
      hint: "Name a folder that can be written to.",
      cause: error,
    });
  }
  return dataDir;
}

async function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, "127.0.0.1", resolve);
  try {
    await promise;
  } catch (error) {
    throw error instanceof Error && "code" in error && error.code === "EADDRINUSE"
      ? new LavaError("PORT_IN_USE", `port ${port} of 127.0.0.1 is taken`, {
          hint: "Stop what listens there, or choose another port (0 takes a free one).",
          cause: error,
        })
      : error;
  } finally {
    server.off("error", reject);
  }
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no TCP address");
  return address.port;
}

/** How long requests may take to end once the server stops. */
const STOP_MS = 2000;

async function stop(server: Server, stopping: AbortController): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  stopping.abort();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), STOP_MS);
  await promise;
  clearTimeout(timer);
}
