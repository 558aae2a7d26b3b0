import { setTimeout as delay } from "node:timers/promises";
import { errorText, isMap, LavaError, type Logger } from "@lava/core";
import type { Realm } from "@lava/realm";
import { openTelemetryTraces, resolvePlugin, type WorkerObserver } from "@lava/worker";
import type * as OpenTelemetry from "@opentelemetry/api";

/** Traces of a worker; disposed of, what is still to be sent is sent. */
export interface Tracing extends AsyncDisposable {
  readonly observers: readonly WorkerObserver[];
}

/** So long a collector that does not answer may hold up the end of a worker, in ms. */
const SHUTDOWN_MS = 5000;

const API = "@opentelemetry/api";

/**
 * Traces, where they are asked for (OPS-223). The SDK is set up here and not by NODE_OPTIONS, which payloads inherit.
 *
 * @param options.from The directory from which modules are looked up.
 * @throws {LavaError} TRACING_NOT_AVAILABLE
 */
export async function startTracing(
  { TRACES, TRACES_SETUP }: Pick<Realm["config"], "TRACES" | "TRACES_SETUP">,
  { from, logger }: { readonly from: string; readonly logger: Logger },
): Promise<Tracing> {
  if (!TRACES) return { observers: [], async [Symbol.asyncDispose]() {} };
  const setup = TRACES_SETUP === undefined ? undefined : await loadSetup(TRACES_SETUP, from);
  const api = await loadApi(from);
  return {
    observers: [openTelemetryTraces(api)],
    async [Symbol.asyncDispose]() {
      const shutdown: unknown = isMap(setup) ? setup["shutdown"] : undefined;
      if (typeof shutdown !== "function") return;
      const stop = new AbortController();
      try {
        const late = delay(SHUTDOWN_MS, undefined, { signal: stop.signal }).then(() => {
          throw new Error(`not done within ${SHUTDOWN_MS / 1000} seconds`);
        });
        await Promise.race([shutdown(), late]);
      } catch (error) {
        const fields = { event_type: "worker", error: errorText(error) };
        logger.warn(fields, `Traces may be incomplete: ${errorText(error)}`);
      } finally {
        stop.abort();
      }
    },
  };
}

async function loadSetup(name: string, from: string): Promise<unknown> {
  try {
    return await import(resolvePlugin(name, from));
  } catch (cause) {
    throw notAvailable(`TRACES_SETUP ${name} cannot be loaded: ${errorText(cause)}`, cause);
  }
}

async function loadApi(from: string): Promise<typeof OpenTelemetry> {
  try {
    // Looked up at run time: the API has to be the application's own.
    const api: typeof OpenTelemetry = await import(resolvePlugin(API, from));
    return api;
  } catch (cause) {
    throw notAvailable(`TRACES is set, and ${API} cannot be loaded`, cause);
  }
}

function notAvailable(text: string, cause: unknown): LavaError {
  return new LavaError("TRACING_NOT_AVAILABLE", text, {
    cause,
    hint: `Install ${API} and an SDK where the worker runs, and name the module that starts the SDK: TRACES_SETUP=./tracing.mjs`,
  });
}
