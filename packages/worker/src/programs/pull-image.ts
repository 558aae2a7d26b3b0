import type { DockerClient, PullProgress } from "@lava/connectors";
import { errorText, formatSize, isMap, LavaError } from "@lava/core";
import type { JobContext } from "../handler.ts";

/** Milliseconds between two lines in the log about one pull. */
const LINE_MS = 2000;

/**
 * Fetches an image, with lines in the job's log of how far it is. A daemon's answer of 404 or 500 is tried once more
 * after a new login (JOB-docker-10): registries refuse a login that is too old that way.
 *
 * @throws {LavaError} CANNOT_PULL_IMAGE
 */
export async function pullImage(
  client: DockerClient,
  image: string,
  repository: string,
  context: JobContext,
): Promise<void> {
  const pull = (): Promise<void> =>
    client.pull(image, {
      signal: context.signal,
      onProgress: progressLog(image, context),
    });
  try {
    try {
      await pull();
    } catch (error) {
      const status = statusOf(error);
      if (context.signal.aborted || (status !== 404 && status !== 500)) throw error;
      const text = `Docker login ok but pull image failed: Error ${status}: ${image} - will try to login again`;
      context.logger.warn({}, text);
      await client.login();
      await pull();
    }
  } catch (cause) {
    context.signal.throwIfAborted();
    throw new LavaError(
      "CANNOT_PULL_IMAGE",
      `Cannot pull docker image ${repository}: ${errorText(cause).replace(`Cannot pull ${image}: `, "")}`,
      {
        cause,
        hint: "Check the image's name, and registry and login of the docker connection.",
      },
    );
  }
}

function statusOf(error: unknown): number | undefined {
  const data = error instanceof LavaError ? error.data : undefined;
  return isMap(data) && typeof data["status"] === "number" ? data["status"] : undefined;
}

/** Sums the daemon's lines up: layers that are there, bytes that have come. */
function progressLog(image: string, { clock, logger }: JobContext): (line: PullProgress) => void {
  const layers = new Map<string, { done: boolean; current: number; total: number }>();
  let next = clock.now() + LINE_MS;
  logger.info({}, `Pulling image ${image}`);
  return ({ status, layer, current, total }) => {
    if (layer === undefined) {
      if (/^(?:Digest|Status): /.test(status)) logger.info({}, `Image ${image}: ${status}`);
      return;
    }
    if (status.startsWith("Pulling from ")) return;
    const known = layers.get(layer) ?? { done: false, current: 0, total: 0 };
    layers.set(layer, {
      done: known.done || /^(?:Pull complete|Already exists)/.test(status),
      current: status === "Downloading" ? (current ?? known.current) : known.current,
      total: status === "Downloading" ? (total ?? known.total) : known.total,
    });
    if (clock.now() < next) return;
    next = clock.now() + LINE_MS;
    const all = [...layers.values()];
    const sum = (field: "current" | "total"): string =>
      formatSize(all.reduce((bytes, item) => bytes + item[field], 0));
    const done = all.filter((item) => item.done).length;
    logger.info(
      {},
      `Image ${image}: ${done} of ${all.length} layers, ${sum("current")} of ${sum("total")}`,
    );
  };
}
