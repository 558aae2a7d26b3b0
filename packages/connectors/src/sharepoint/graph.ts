import type { IncomingMessage } from "node:http";
import { errorText, isMap, LavaError } from "@lava/core";
import type { ConnectorContext } from "../connector.ts";
import { accessRefused } from "../files/file-errors.ts";
import { networkCode } from "../network-fault.ts";
import { clientAssertion } from "./client-assertion.ts";
import { type Http, type HttpCall, openHttp, readBody } from "./http.ts";
import type { SharePointRecord } from "./sharepoint-record.ts";

/** A call of Microsoft Graph. */
export interface GraphCall {
  readonly method?: string;
  /** Path below the service, or a whole URL (`@odata.nextLink`). */
  readonly path: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Upload sessions and downloads have their right in the URL. */
  readonly withoutToken?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** What failed, for the message. */
  readonly what: string;
}

/** Microsoft Graph in the name of one connection; it logs in, waits when it is told to, and tries again. */
export interface Graph extends Disposable {
  /** The answer, whatever its status, but for those that say: later. */
  send(call: GraphCall): Promise<IncomingMessage>;
  /** The JSON of an answer. @throws {LavaError} SHAREPOINT_FAILED for a status from 400 on */
  json(call: GraphCall): Promise<Readonly<Record<string, unknown>>>;
  /** Waits by the clock of the realm: seconds. */
  wait(seconds: number, signal?: AbortSignal): Promise<void>;
  /** All values of all pages. */
  pages(call: GraphCall): AsyncGenerator<Readonly<Record<string, unknown>>>;
}

/** An answer that is a refusal. */
export function graphRefusal(what: string, status: number, text: string): LavaError {
  const message = `${what}: Status ${status}: ${errorOf(text)}`;
  return Object.assign(new LavaError("SHAREPOINT_FAILED", message), { status });
}

/** The HTTP status of a {@link graphRefusal}; undefined for other errors. */
export function refusalStatus(error: unknown): number | undefined {
  if (!(error instanceof LavaError) || error.code !== "SHAREPOINT_FAILED") return undefined;
  const status: unknown = Reflect.get(error, "status");
  return typeof status === "number" ? status : undefined;
}

const LATER = new Set([429, 502, 503, 504, 509]);
/** How often a call waits at most. */
export const MOST_WAITS = 10;
/** Seconds of one wait at most. */
export const MOST_WAIT_S = 661;
/** Seconds after which a call is given up that is told to wait again and again. */
const MOST_TOTAL_S = 1800;
const DROPPED_WAIT_S = 240;
/** Seconds before its end when a token is renewed. */
const EARLY_S = 300;
const SCOPE = "sites.readwrite.all Files.ReadWrite.All user.read openid profile offline_access";

/** @param context The clock of its realm is the one that it waits by. */
export function openGraph(record: SharePointRecord, { realm }: ConnectorContext): Graph {
  const { clock, redactor } = realm;
  const http = openHttp(record.proxy);
  let token: { readonly text: string; readonly until: number } | undefined;

  const patient = async (call: HttpCall, what: string): Promise<IncomingMessage> => {
    let total = 0;
    for (let hit = 1; ; hit += 1) {
      const { response, error } = await attempt(http, call);
      if (response !== undefined && !LATER.has(response.statusCode ?? 0)) return response;
      call.signal?.throwIfAborted();
      if (response === undefined && !isDropped(error)) {
        throw new LavaError(
          "CONNECTION_FAILED",
          `Connection ${record.conn_id}: ${what}: ${errorText(error)}`,
          {
            cause: error,
            hint: "Check the network, and https_proxy of the record.",
          },
        );
      }
      response?.resume();
      const wait =
        response === undefined ? DROPPED_WAIT_S : retryAfter(response, clock.now()) + 10 + 15 * hit;
      total += wait;
      if (hit > MOST_WAITS || wait > MOST_WAIT_S || total > MOST_TOTAL_S) {
        const why =
          hit > MOST_WAITS
            ? `limit of ${MOST_WAITS} has been reached`
            : `delay was more than ${wait > MOST_WAIT_S ? MOST_WAIT_S : MOST_TOTAL_S} seconds`;
        throw new LavaError("SHAREPOINT_THROTTLED", `${what}: MS Graph API Throttling ${why}`, {
          hint: "SharePoint refuses so many calls: let fewer jobs use it at a time.",
        });
      }
      await clock.sleep(wait * 1000, call.signal);
    }
  };

  const login = async (signal?: AbortSignal): Promise<string> => {
    if (token !== undefined && token.until > clock.now()) return token.text;
    const tokenUrl = `${record.loginUrl}/${encodeURIComponent(record.tenant)}/oauth2/v2.0/token`;
    const own = { client_id: record.clientId, ...applicationProof(record, tokenUrl, clock.now()) };
    const form =
      record.login === undefined
        ? {
            ...own,
            grant_type: "client_credentials",
            scope: `${new URL(record.graphUrl).origin}/.default`,
          }
        : {
            ...own,
            grant_type: "password",
            username: record.login.user,
            password: record.login.password,
            scope: SCOPE,
          };
    const response = await patient(
      {
        method: "POST",
        url: tokenUrl,
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
        signal,
      },
      "Login failed",
    );
    const text = await readBody(response);
    const answer = parse(text);
    const access = answer["access_token"];
    if (response.statusCode !== 200 || typeof access !== "string") {
      throw accessRefused(
        record.conn_id,
        `Invalid logon credentials: Status ${response.statusCode ?? 0}: ${errorOf(text)}`,
      );
    }
    redactor.add(access);
    const seconds = Number(answer["expires_in"] ?? 3600);
    token = { text: access, until: clock.now() + Math.max(seconds - EARLY_S, 0) * 1000 };
    return access;
  };

  const send = async (call: GraphCall): Promise<IncomingMessage> => {
    const { method = "GET", path, json, body, withoutToken = false, signal, what } = call;
    for (let turn = 0; ; turn += 1) {
      const response = await patient(
        {
          method,
          url: path.startsWith("/") ? `${record.graphUrl}${path}` : path,
          headers: {
            ...call.headers,
            ...(withoutToken ? {} : { authorization: `Bearer ${await login(signal)}` }),
            ...(json === undefined ? {} : { "content-type": "application/json" }),
          },
          ...(json === undefined
            ? body === undefined
              ? {}
              : { body }
            : { body: JSON.stringify(json) }),
          signal,
        },
        what,
      );
      // A token may end before its time.
      if (response.statusCode !== 401 || withoutToken || turn > 0) return response;
      response.resume();
      token = undefined;
    }
  };

  const json = async (call: GraphCall): Promise<Readonly<Record<string, unknown>>> => {
    const response = await send(call);
    const text = await readBody(response);
    const status = response.statusCode ?? 0;
    if (status >= 400) throw graphRefusal(call.what, status, text);
    return parse(text);
  };

  return {
    send,
    json,
    wait: (seconds, signal) => clock.sleep(seconds * 1000, signal),
    async *pages(call) {
      for (let path: unknown = call.path; typeof path === "string";) {
        const page = await json({ ...call, path });
        const values: unknown = page["value"];
        if (Array.isArray(values)) {
          for (const value of values) if (isMap(value)) yield value;
        }
        path = page["@odata.nextLink"];
      }
    },
    [Symbol.dispose]: () => http[Symbol.dispose](),
  };
}

/** What a login says to show that it is the application. */
function applicationProof(
  { application, clientId, conn_id }: SharePointRecord,
  tokenUrl: string,
  now: number,
): Readonly<Record<string, string>> {
  if ("secret" in application) return { client_secret: application.secret };
  const { certificate } = application;
  return {
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: clientAssertion({ conn_id, clientId, tokenUrl, certificate, now }),
  };
}

async function attempt(
  http: Http,
  call: HttpCall,
): Promise<{ response?: IncomingMessage; error?: unknown }> {
  try {
    return { response: await http.call(call) };
  } catch (error) {
    return { error };
  }
}

function isDropped(error: unknown): boolean {
  return (
    /^(?:ECONNRESET|EPIPE|ETIMEDOUT)$/.test(networkCode(error)) || errorText(error) === "no answer"
  );
}

/** Seconds of Retry-After, a number or a date; 0 without it. */
function retryAfter({ headers }: IncomingMessage, now: number): number {
  const text = headers["retry-after"];
  if (text === undefined) return 0;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(seconds, 0);
  const until = Date.parse(text);
  return Number.isNaN(until) ? 0 : Math.max((until - now) / 1000, 0);
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isMap(value) ? value : {};
  } catch {
    return {};
  }
}

/** What a service says of a fault, shortened. */
function errorOf(text: string): string {
  const { error, error_description: described } = parse(text);
  if (isMap(error) && typeof error["message"] === "string") {
    return `${String(error["code"])}: ${error["message"]}`.slice(0, 500);
  }
  return (typeof described === "string" ? described : text).split("\r\n")[0]?.slice(0, 500) ?? "";
}
