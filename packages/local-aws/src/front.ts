import { hash, type KeyObject, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Clock, errorText, type Logger } from "@lava/core";
import type { Keyring } from "./credentials.ts";
import type { AwsRequest, AwsResponse, Engine } from "./engine.ts";
import { AwsError, notImplemented } from "./errors.ts";
import { operationName } from "./operation-name.ts";
import { openPayload, withoutChunking } from "./payload.ts";
import { renderError } from "./protocols/render-error.ts";
import {
  checkSignatureTime,
  deriveSigningKey,
  isSignatureValid,
  parseSignatureClaim,
  type SignatureClaim,
  type SignedParts,
} from "./sigv4.ts";
import type { Store } from "./store.ts";

/** What the front needs. */
export interface FrontOptions {
  readonly engines: readonly Engine[];
  readonly keyring: Keyring;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
  /** Told of each request whose signature is right. */
  readonly onRequest?: RequestListener | undefined;
}

/** Hears of a request before it is answered: to count it, or to refuse it by throwing an {@link AwsError}. */
export type RequestListener = (request: {
  readonly service: string;
  readonly operation: string;
}) => void;

/** Bytes of a request to anything but S3: DynamoDB's 16 MB, and room for what surrounds them. */
const BUFFER_LIMIT = 17 * 1024 * 1024;
const MAX_SIGNING_KEYS = 200;

/** Checks each request's signature, hands it to its engine, and sends the answer when it is safe. */
export function createFront(
  options: FrontOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { clock, keyring, logger, store } = options;
  const engines = new Map(
    options.engines.flatMap((engine) =>
      engine.services.map((service) => [service, engine] as const),
    ),
  );
  const open = options.engines.filter(({ unsigned }) => unsigned !== undefined);
  const signingKeys = new Map<string, KeyObject>();

  function signingKey(claim: SignatureClaim): KeyObject {
    const credentials = keyring.find(claim.accessKeyId);
    const token =
      credentials !== undefined && "sessionToken" in credentials
        ? credentials.sessionToken
        : undefined;
    if (credentials === undefined || (token !== undefined && token !== claim.securityToken)) {
      throw unknownKey(claim);
    }
    const id = `${claim.accessKeyId}/${claim.scope}`;
    let key = signingKeys.get(id);
    if (key === undefined) {
      if (signingKeys.size >= MAX_SIGNING_KEYS) signingKeys.clear();
      key = deriveSigningKey(credentials.secretAccessKey, claim.scope);
      signingKeys.set(id, key);
    }
    return key;
  }

  async function answer(
    incoming: IncomingMessage,
    facts: { id: string; path: string; rawQuery: string; signal: () => AbortSignal },
    found: (service: string, engine: Engine | undefined) => void,
  ): Promise<AwsResponse> {
    const query = new URLSearchParams(facts.rawQuery);
    for (const engine of open) {
      const answered = engine.unsigned?.(incoming.method ?? "GET", facts.path);
      if (answered !== undefined) return answered;
    }
    const parts: SignedParts = {
      method: incoming.method ?? "GET",
      path: facts.path,
      rawQuery: facts.rawQuery,
      headers: incoming.headersDistinct,
    };
    const claim = parseSignatureClaim(parts, query);
    const engine = engines.get(claim.service);
    found(claim.service, engine);
    checkSignatureTime(claim, clock.now());
    const key = signingKey(claim);

    const declared = incoming.headers["x-amz-content-sha256"]?.toString();
    const streams = claim.service === "s3";
    const buffered = streams ? undefined : await collectWhole(incoming, BUFFER_LIMIT);
    const payloadHash =
      buffered === undefined
        ? (declared ?? query.get("X-Amz-Content-Sha256") ?? "UNSIGNED-PAYLOAD")
        : declared === "UNSIGNED-PAYLOAD"
          ? declared
          : hash("sha256", buffered);
    if (!isSignatureValid(claim, parts, key, payloadHash)) throw badSignature(claim);
    if (options.onRequest !== undefined) {
      const target = incoming.headers["x-amz-target"]?.toString();
      const { service } = claim;
      const operation = operationName({
        service,
        method: parts.method,
        query,
        target,
        body: buffered,
        path: parts.path,
      });
      options.onRequest({ service, operation });
    }
    if (engine === undefined) throw notImplemented(claim.service, `${parts.method} ${parts.path}`);

    const payload = streams ? openPayload(incoming, claim, key) : undefined;
    let body: Readable | undefined;
    const request: AwsRequest = {
      id: facts.id,
      method: parts.method,
      path: facts.path,
      query,
      headers: streams ? withoutChunking(incoming.headers) : incoming.headers,
      region: claim.region,
      service: claim.service,
      accessKeyId: claim.accessKeyId,
      operation: incoming.headers["x-amz-target"]?.toString().split(".").at(-1),
      get signal() {
        return facts.signal();
      },
      get body() {
        body ??= Readable.from(payload?.pieces ?? [buffered], { objectMode: false });
        return body;
      },
      async readBody(limit = BUFFER_LIMIT) {
        if (payload !== undefined) return collect(payload.pieces, limit);
        if (buffered !== undefined && buffered.length <= limit) return buffered;
        throw tooLarge(limit);
      },
      checksum: () => payload?.checksum(),
    };
    return engine.handle(request);
  }

  return async (incoming, outgoing) => {
    const url = incoming.url ?? "/";
    const at = url.indexOf("?");
    const facts = {
      id: randomUUID(),
      path: at < 0 ? url : url.slice(0, at),
      rawQuery: at < 0 ? "" : url.slice(at + 1),
    };
    const signal = signalOf(outgoing, options.stopping);
    let service = "";
    let engine: Engine | undefined;

    const render = (error: AwsError) =>
      renderError(error, {
        id: facts.id,
        service,
        method: incoming.method ?? "GET",
        path: facts.path,
        target: incoming.headers["x-amz-target"]?.toString(),
        contentType: incoming.headers["content-type"],
        engine,
      });
    let response: AwsResponse;
    try {
      response = await answer(incoming, { ...facts, signal }, (name, found) => {
        service = name;
        engine = found;
      });
      await (response.isForgettable === true ? store.written() : store.committed());
    } catch (error) {
      if (!(error instanceof AwsError) && !outgoing.destroyed) {
        logger.error(
          { service, method: incoming.method, path: facts.path, error: stackOf(error) },
          "request failed",
        );
      }
      // An error may tell of a write that is not on disk yet (a condition that it does not meet).
      await store.committed().catch(() => undefined);
      response = render(
        error instanceof AwsError
          ? error
          : new AwsError("InternalFailure", errorText(error), { status: 500 }),
      );
    }
    logger.debug(
      { service, method: incoming.method, path: facts.path, status: response.status },
      "request",
    );
    await send(response, facts.id, incoming, outgoing);
  };
}

/** Aborts when the client leaves before it has its answer, or the server stops; made for those who ask. */
function signalOf(outgoing: ServerResponse, stopping: AbortSignal): () => AbortSignal {
  let signal: AbortSignal | undefined;
  return () => {
    if (signal !== undefined) return signal;
    const gone = new AbortController();
    const leave = (): void => {
      if (!outgoing.writableFinished) gone.abort();
    };
    if (outgoing.destroyed) leave();
    else outgoing.once("close", leave);
    signal = AbortSignal.any([gone.signal, stopping]);
    return signal;
  };
}

/** The whole of a short request, without the detours of a stream; EntityTooLarge above `limit` bytes. */
async function collectWhole(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const parts: Buffer[] = [];
  let length = 0;
  const onData = (piece: Buffer): void => {
    length += piece.length;
    parts.push(piece);
    if (length <= limit) return;
    // The rest is thrown away with the answer; the connection goes on.
    incoming.off("data", onData).pause();
    reject(tooLarge(limit));
  };
  incoming.on("data", onData);
  incoming.once("end", () => {
    resolve(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts));
  });
  incoming.once("error", reject);
  return promise;
}

/** Concatenates pieces; EntityTooLarge above `limit` bytes. */
async function collect(pieces: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > limit) throw tooLarge(limit);
    parts.push(piece);
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

async function send(
  { status, headers, body }: AwsResponse,
  id: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  if (outgoing.destroyed) {
    if (body instanceof Readable) body.destroy();
    return;
  }
  outgoing.statusCode = status;
  outgoing.setHeader("x-amzn-requestid", id);
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  if (body instanceof Readable) {
    if (incoming.method === "HEAD") {
      body.destroy();
      outgoing.end();
      return;
    }
    // A failure here is the client's leaving or a vanished file: either way only this connection ends.
    await pipeline(body, outgoing).catch(() => outgoing.destroy());
    return;
  }
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const bodyless = incoming.method === "HEAD" || status === 204 || status === 304;
  if (!bodyless && !outgoing.hasHeader("content-length")) {
    outgoing.setHeader("content-length", bytes?.length ?? 0);
  }
  outgoing.end(bodyless ? undefined : bytes);
}

function tooLarge(limit: number): AwsError {
  return new AwsError("EntityTooLarge", `The request is larger than ${limit} bytes`, {
    status: 413,
  });
}

function unknownKey(claim: SignatureClaim): AwsError {
  return claim.service === "s3"
    ? new AwsError(
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
        { status: 403 },
      )
    : new AwsError(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        { status: 403, queryCode: "InvalidClientTokenId" },
      );
}

function badSignature(claim: SignatureClaim): AwsError {
  const text =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.";
  return claim.service === "s3"
    ? new AwsError("SignatureDoesNotMatch", text, { status: 403 })
    : new AwsError("InvalidSignatureException", text, {
        status: 403,
        queryCode: "SignatureDoesNotMatch",
      });
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
