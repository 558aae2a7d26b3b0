import { createServer, request } from "node:http";

/** A proxy in front of an endpoint that can lose an answer after the request has been carried out. */
export interface LossyProxy extends AsyncDisposable {
  readonly url: string;
  /** Loses the answers to the next calls of this operation (`UpdateItem`), one by default; clients' retries count. */
  loseNext(operation: string, count?: number): void;
  /** How many answers were lost. */
  readonly lost: number;
}

/** Starts a proxy in front of `target`. Requests go through as they are, signatures included. */
export async function lossyProxy(target: string): Promise<LossyProxy> {
  const { hostname, port } = new URL(target);
  let losing: string | undefined;
  let left = 0;
  let lost = 0;
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const lose = losing !== undefined && String(headers["x-amz-target"]).endsWith(`.${losing}`);
    if (lose) left -= 1;
    if (left === 0) losing = undefined;
    const forward = request({ hostname, port, method, path, headers }, (answer) => {
      if (lose) {
        lost += 1;
        answer.resume().on("end", () => outgoing.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forward.on("error", () => outgoing.destroy());
    incoming.pipe(forward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const own = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${own}`,
    loseNext(operation, count = 1) {
      losing = operation;
      left = count;
    },
    get lost() {
      return lost;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}
