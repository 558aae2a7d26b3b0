import { createWriteStream } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { ContainerSpec, DockerClient, DockerContainer } from "@lava/connectors";
import { errorText } from "@lava/core";
import type { JobContext } from "../handler.ts";

/** How a container ended. */
export interface ContainerEnd {
  /** The container's own, 28 for a timeout, 1 where it could not be learned. */
  readonly exit_status: number;
  /** What is to be said besides the status. */
  readonly error?: string;
}

/** Status of a container that ran out of time (JOB-docker-05). */
const STATUS_TIMEOUT = 28;

/** Milliseconds for the rest of the log to arrive after the container has ended. */
const LOG_MS = 10_000;

/**
 * Runs a container to its end and removes it whatever happens; what it prints goes to `file`, stdout and stderr as
 * they come. A timeout or an abort of the run stops it: TERM, KILL after the worker's grace time.
 *
 * @throws {LavaError} DOCKER_FAILED; the reason of the run's signal
 */
export async function runContainer(
  client: DockerClient,
  spec: ContainerSpec,
  { timeoutSeconds, file }: { readonly timeoutSeconds: number; readonly file: string },
  context: JobContext,
): Promise<ContainerEnd> {
  const { containers, signal } = context;
  containers.add({ server: client.server, name: spec.name });
  let container: DockerContainer | undefined;
  try {
    container = await client.create(spec);
    signal.throwIfAborted();
    const output = context.devMode ? context.sinks.stdout : createWriteStream(file, { flags: "a" });
    const log = await container.attach(output);
    await container.start();
    const end = await waitForEnd(container, timeoutSeconds, context);
    await Promise.race([log.ended, delay(LOG_MS, undefined, { ref: false })]).catch(
      (error: unknown) => {
        context.logger.warn({}, `The log of container ${spec.name} is cut: ${errorText(error)}`);
      },
    );
    if (!context.devMode) await close(output);
    signal.throwIfAborted();
    return end;
  } finally {
    await remove(client, spec.name, context);
  }
}

async function waitForEnd(
  container: DockerContainer,
  timeoutSeconds: number,
  { signal, killGraceMs, logger }: JobContext,
): Promise<ContainerEnd> {
  const waiting = new AbortController();
  const ended = container.wait(waiting.signal).then(
    (exit_status) => ({ exit_status }),
    (error: unknown) => ({ exit_status: 1, error: errorText(error) }),
  );
  const stop = Promise.withResolvers<"timeout" | "abort">();
  const onAbort = (): void => {
    stop.resolve("abort");
  };
  // A timer holds at most 2^31 - 1 ms, 24.8 days; longer is for ever.
  const timer =
    timeoutSeconds * 1000 < 2 ** 31
      ? setTimeout(() => {
          stop.resolve("timeout");
        }, timeoutSeconds * 1000)
      : undefined;
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const first = await Promise.race([ended, stop.promise]);
    if (typeof first !== "string") {
      if (first.exit_status !== 0 && (await container.wasOutOfMemory().catch(() => false))) {
        return { ...first, error: "Container ran out of memory" };
      }
      return first;
    }
    await container.stop(killGraceMs / 1000).catch((error: unknown) => {
      logger.error({}, errorText(error));
    });
    const end = await Promise.race([ended, delay(LOG_MS, undefined, { ref: false })]);
    return first === "timeout"
      ? {
          exit_status: STATUS_TIMEOUT,
          error: `Timed out after ${pythonSeconds(timeoutSeconds)} seconds`,
        }
      : (end ?? { exit_status: 1 });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    waiting.abort();
  }
}

/** A number as Python prints a float. */
function pythonSeconds(seconds: number): string {
  return Number.isInteger(seconds) ? seconds.toFixed(1) : String(seconds);
}

function close(output: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    output.once("error", () => {
      resolve();
    });
    output.end(() => {
      resolve();
    });
  });
}

/** One that cannot be removed stays under the watchdog's guard, and is found by its labels later. */
async function remove(client: DockerClient, name: string, context: JobContext): Promise<void> {
  try {
    await client.remove(name);
    context.containers.end(name);
  } catch (error) {
    context.logger.error({}, `Could not remove container ${name}: ${errorText(error)}`);
  }
}
