import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** One HTTP call. */
export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** Makes HTTP calls, through a proxy where one is named; keeps connections until it is closed. */
export interface Http extends Disposable {
  call(call: HttpCall): Promise<IncomingMessage>;
}

/** Milliseconds without a word from the other side. */
const SILENCE_MS = 120_000;

/** Calls of one connection. */
export function openHttp(proxy: string | undefined): Http {
  const proxyEnv = proxy === undefined ? {} : { proxyEnv: { HTTPS_PROXY: proxy } };
  const plain = new HttpAgent({ keepAlive: true });
  const secure = new HttpsAgent({ keepAlive: true, ...proxyEnv });
  return {
    call: ({ method, url, headers = {}, body, signal }) =>
      new Promise((resolve, reject) => {
        const isPlain = url.startsWith("http:");
        const length = body === undefined ? 0 : Buffer.byteLength(body);
        const hasBody = body !== undefined || /^(?:POST|PUT|PATCH)$/.test(method);
        const sent = (isPlain ? httpRequest : httpsRequest)(
          url,
          {
            method,
            agent: isPlain ? plain : secure,
            headers: { ...headers, ...(hasBody ? { "content-length": length } : {}) },
            timeout: SILENCE_MS,
            ...(signal === undefined ? {} : { signal }),
          },
          resolve,
        );
        sent.once("timeout", () => sent.destroy(new Error("no answer")));
        sent.once("error", reject);
        sent.end(body);
      }),
    [Symbol.dispose]() {
      plain.destroy();
      secure.destroy();
    },
  };
}

/** The whole body of an answer, as text. */
export async function readBody(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}
