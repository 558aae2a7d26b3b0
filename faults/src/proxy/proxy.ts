import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { isMap, parseJson } from "@lava/core";
import type { Random } from "../random.ts";
import { type Call, toCall } from "./call.ts";
import { type Effect, faultOf, type FaultRule } from "./effect.ts";

/** Options of {@link startProxy}. */
export interface ProxyOptions {
  /** `http://127.0.0.1:PORT` of the endpoint. */
  readonly upstream: string;
  readonly random: Random;
  readonly rules?: readonly FaultRule[];
  /** Makes a received message visible to others; needed for `redeliver`. */
  readonly redeliver?: (queueUrl: string, receipt: string) => Promise<void>;
}

/** A proxy between AWS clients and an endpoint that breaks what it is told to break. */
export interface FaultyProxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  /** From now on. */
  setRules(rules: readonly FaultRule[]): void;
  /**
   * From now on breaks all connections of the client that calls itself so (AWS_EXECUTION_ENV), those that are open
   * included; undefined for none.
   */
  cutOff(client: string | undefined): void;
  /** Effects so far, by `service:operation kind`. */
  readonly effects: ReadonlyMap<string, number>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/**
 * Starts a proxy. Requests are passed on as they came, Host header included, so their signatures stay valid; the
 * proxy itself holds no credentials.
 */
export async function startProxy(options: ProxyOptions): Promise<FaultyProxy> {
  const { random } = options;
  let rules = options.rules ?? [];
  const effects = new Map<string, number>();
  let cut: string | undefined;
  const open = new Map<IncomingMessage["socket"], string>();
  const agent = new Agent({ keepAlive: true });
  const upstream = new URL(options.upstream);

  const choose = (call: Call): Effect | undefined =>
    rules.find(
      ({ service, operation, chance }) =>
        service === call.service &&
        (operation === undefined || operation.test(call.operation)) &&
        random.chance(chance),
    )?.effect;

  const passOn = (
    incoming: IncomingMessage,
    body: Buffer,
    client: ServerResponse,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent,
          host: upstream.hostname,
          port: upstream.port,
          method: incoming.method,
          path: incoming.url,
          headers: { ...incoming.headers, connection: "keep-alive" },
        },
        (response) => {
          collect(response).then(
            (received) =>
              resolve({
                status: response.statusCode ?? 502,
                headers: response.headers,
                body: received,
              }),
            reject,
          );
        },
      );
      outgoing.on("error", reject);
      // A client that has gone does not wait for a message either: it must not be given one.
      client.once("close", () => {
        if (!client.writableFinished) outgoing.destroy(new Error("the client has gone"));
      });
      outgoing.end(body);
    });

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const client = /exec-env\/(\S+)/.exec(incoming.headers["user-agent"] ?? "")?.[1] ?? "";
    if (!open.has(incoming.socket)) {
      open.set(incoming.socket, client);
      incoming.socket.once("close", () => open.delete(incoming.socket));
    }
    if (client === cut) {
      incoming.socket.destroy();
      return;
    }
    const body = await collect(incoming);
    const call = toCall(incoming);
    const effect = choose(call);
    if (effect !== undefined) {
      const name = `${call.service}:${call.operation} ${effect.kind}`;
      effects.set(name, (effects.get(name) ?? 0) + 1);
    }
    const reset = (): void => {
      incoming.socket.resetAndDestroy();
    };
    switch (effect?.kind) {
      case "delay":
        await delay(random.int(...effect.ms));
        break;
      case "reset":
        reset();
        return;
      case "fail":
        respondFault(outgoing, call, "fail");
        return;
      case "swallow":
        outgoing.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end("{}");
        return;
      case "twice":
        await passOn(incoming, body, outgoing);
        break;
      case "fail_after":
      case "lose_answer":
      case "redeliver":
      case undefined:
        break;
    }
    const answer = await passOn(incoming, body, outgoing);
    if (effect?.kind === "lose_answer") return reset();
    if (effect?.kind === "fail_after") return respondFault(outgoing, call, "fail_after");
    if (effect?.kind === "redeliver") {
      await redeliver(body, answer);
      if (effect.answer === "lost") return reset();
    }
    const { "transfer-encoding": _, ...headers } = answer.headers;
    if (incoming.method === "HEAD") outgoing.writeHead(answer.status, headers).end();
    else {
      outgoing.writeHead(answer.status, { ...headers, "content-length": answer.body.length });
      outgoing.end(answer.body);
    }
  }

  async function redeliver(sent: Buffer, answer: Answer): Promise<void> {
    const asked = toJson(sent);
    const given = toJson(answer.body);
    const messages = isMap(given) ? given["Messages"] : undefined;
    const url = isMap(asked) ? asked["QueueUrl"] : undefined;
    if (!Array.isArray(messages) || typeof url !== "string") return;
    for (const message of messages as readonly unknown[]) {
      const receipt = isMap(message) ? message["ReceiptHandle"] : undefined;
      if (typeof receipt === "string") await options.redeliver?.(url, receipt);
    }
  }

  const server = createServer({ keepAliveTimeout: 75_000 }, (incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => {
      // The endpoint is away, or the client has gone: either way a broken connection.
      incoming.socket.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no TCP address");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    effects,
    setRules(next) {
      rules = next;
    },
    cutOff(client) {
      cut = client;
      if (client === undefined) return;
      for (const [socket, of] of open) if (of === client) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

function respondFault(
  outgoing: ServerResponse,
  { service }: Call,
  kind: "fail" | "fail_after",
): void {
  const { status, type, body } = faultOf(service, kind);
  outgoing.writeHead(status, { "content-type": type }).end(body);
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

function toJson(bytes: Buffer): unknown {
  try {
    return parseJson(bytes.toString());
  } catch {
    return undefined;
  }
}
