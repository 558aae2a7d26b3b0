import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { isMap } from "@lava/core";
import type Dockerode from "dockerode";
import type { DockerContainer } from "./client.ts";
import { type DockerCall, daemonStatus, dockerFault } from "./docker-calls.ts";

/** A container of dockerode in lava's shape. */
export function createDockerContainer(
  container: Dockerode.Container,
  docker: Dockerode,
  call: DockerCall,
): DockerContainer {
  const short = container.id.slice(0, 12);

  /** How it ended; undefined while it runs. */
  async function endStatus(): Promise<number | undefined> {
    const { State } = await call(`Cannot inspect container ${short}`, (abortSignal) =>
      container.inspect({ abortSignal }),
    );
    return State.Running || State.Status === "created" ? undefined : State.ExitCode;
  }

  return {
    id: container.id,
    async start() {
      await call(`Cannot start container ${short}`, (abortSignal) =>
        container.start({ abortSignal }),
      );
    },
    async wait(signal) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          const answer: unknown = await container.wait(
            signal === undefined ? {} : { abortSignal: signal },
          );
          return isMap(answer) && typeof answer["StatusCode"] === "number"
            ? answer["StatusCode"]
            : 0;
        } catch (error) {
          signal?.throwIfAborted();
          if (daemonStatus(error) === 404 || attempt === 5) {
            throw dockerFault(`Cannot wait for container ${short}`, error);
          }
          // The connection broke; the container need not have.
          const status = await endStatus();
          if (status !== undefined) return status;
        }
      }
    },
    async stop(graceSeconds) {
      try {
        await call(
          `Cannot stop container ${short}`,
          (abortSignal) => container.stop({ t: Math.ceil(graceSeconds), abortSignal }),
          graceSeconds * 1000,
        );
      } catch (error) {
        if (!isStatus(error, 304, 404)) throw error;
      }
    },
    async remove() {
      try {
        await call(`Cannot remove container ${short}`, (abortSignal) =>
          container.remove({ force: true, v: true, abortSignal }),
        );
      } catch (error) {
        // Gone, or somebody else is removing it.
        if (!isStatus(error, 404, 409)) throw error;
      }
    },
    async attach(output) {
      const stream = await call(`Cannot attach to container ${short}`, () =>
        container.attach({ stream: true, stdout: true, stderr: true }),
      );
      const joined = new PassThrough();
      joined.pipe(output, { end: false });
      docker.modem.demuxStream(stream, joined, joined);
      for (const event of ["end", "close", "error"]) stream.once(event, () => joined.end());
      const ended = finished(joined).then(() => drained(output));
      ended.catch(() => undefined); // whoever wants to know awaits it
      return { ended };
    },
    async wasOutOfMemory() {
      const { State } = await call(`Cannot inspect container ${short}`, (abortSignal) =>
        container.inspect({ abortSignal }),
      );
      return State.OOMKilled;
    },
  };
}

/** Resolves when everything written so far has left the stream's buffer. */
function drained(output: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write("", (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function isStatus(error: unknown, ...statuses: readonly number[]): boolean {
  if (!isMap(error) || !isMap(error["data"])) return false;
  const { status } = error["data"];
  return typeof status === "number" && statuses.includes(status);
}
