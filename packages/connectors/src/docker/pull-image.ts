import { createInterface } from "node:readline";
import { isMap, LavaError } from "@lava/core";
import type Dockerode from "dockerode";
import type { PullOptions, PullProgress } from "./client.ts";
import { dockerFault } from "./docker-calls.ts";
import type { RegistryUser } from "./docker-config.ts";
import { type ImageReference, imageName } from "./image-reference.ts";

/** Fetches an image to its end; the daemon reports faults by status or within its progress lines. */
export async function pullImage(
  docker: Dockerode,
  reference: ImageReference,
  { user, onProgress, signal }: PullOptions & { readonly user: RegistryUser | undefined },
): Promise<void> {
  const what = `Cannot pull ${imageName(reference)}`;
  const auth =
    user === undefined
      ? {}
      : { username: user.username, password: user.password, serveraddress: reference.registry };
  try {
    const stream = await docker.createImage(auth, {
      fromImage: reference.repository,
      tag: reference.digest ?? reference.tag,
      ...(signal === undefined ? {} : { abortSignal: signal }),
    });
    for await (const line of createInterface({ input: stream })) {
      const message = parseLine(line);
      if (typeof message["error"] === "string") throw pullFault(what, message);
      onProgress?.(toProgress(message));
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof LavaError ? error : dockerFault(what, error);
  }
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return isMap(value) ? value : {};
  } catch {
    return { status: line };
  }
}

function pullFault(what: string, message: Readonly<Record<string, unknown>>): LavaError {
  const detail = message["errorDetail"];
  const status = isMap(detail) && typeof detail["code"] === "number" ? detail["code"] : 500;
  return new LavaError("DOCKER_FAILED", `${what}: ${String(message["error"])}`, {
    data: { status },
  });
}

function toProgress(message: Readonly<Record<string, unknown>>): PullProgress {
  const { status, id, progressDetail } = message;
  const detail = isMap(progressDetail) ? progressDetail : {};
  const number = (value: unknown): number | undefined =>
    typeof value === "number" ? value : undefined;
  return {
    status: typeof status === "string" ? status : "",
    layer: typeof id === "string" ? id : undefined,
    current: number(detail["current"]),
    total: number(detail["total"]),
  };
}
