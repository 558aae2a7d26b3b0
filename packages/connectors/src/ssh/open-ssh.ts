import { createHash } from "node:crypto";
import { LavaError } from "@lava/core";
import type { Client, ConnectConfig, NegotiatedAlgorithms } from "ssh2";
import type { ConnectorContext } from "../connector.ts";
import {
  accessRefused,
  brokenOff,
  type FileTarget,
  serverUnreachable,
} from "../files/file-errors.ts";
import { findHostKey, hostNames, readKnownHosts } from "./known-hosts.ts";
import { type SshSettings, toSshSettings } from "./ssh-options.ts";
import type { SshRecord } from "./ssh-record.ts";

/** An open connection to an ssh server. */
export interface SshLink extends AsyncDisposable {
  readonly client: Client;
  readonly settings: SshSettings;
  /** What the two sides agreed on. */
  readonly agreed: NegotiatedAlgorithms | undefined;
  /** Name and version of the server's program, such as `OpenSSH_9.2p1`. */
  readonly program: string | undefined;
  readonly target: FileTarget;
  /** Why the connection is gone; undefined while it is there. */
  lost(): LavaError | undefined;
  /** Notes that it is gone, for a reason that showed elsewhere. */
  lose(cause: unknown): LavaError;
}

/**
 * The type of a record's key, such as `ssh-ed25519`.
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD
 */
export async function keyType({ conn_id, key: text }: SshRecord): Promise<string> {
  const { default: ssh2 } = await import("ssh2");
  const key = ssh2.utils.parseKey(text);
  if (!(key instanceof Error)) return key.type;
  throw new LavaError(
    "BAD_CONNECTION_RECORD",
    `Connection ${conn_id}: The parameter of ssh_key holds no private key without a passphrase`,
    { retry: "never" },
  );
}

/**
 * Connects and logs in with the record's key. The host's key must be known, unless `StrictHostKeyChecking` says
 * otherwise.
 *
 * @throws {LavaError} CONNECTION_FAILED, HOST_KEY_REFUSED, LOGIN_FAILED, BAD_CONNECTION_RECORD
 */
export async function openSsh(record: SshRecord, { env }: ConnectorContext): Promise<SshLink> {
  const settings = toSshSettings(record);
  const { conn_id } = record;
  await keyType(record);
  const { default: ssh2 } = await import("ssh2");
  const known = `${record.knownHosts ?? ""}\n${await readKnownHosts(settings.knownHostsFiles, env)}`;
  const target = { conn_id, host: settings.host, port: settings.port };
  const client = new ssh2.Client();
  const opened = Promise.withResolvers<void>();
  let refusal: LavaError | undefined;
  let program: string | undefined;
  let agreed: NegotiatedAlgorithms | undefined;
  let state: "opening" | "open" | "closed" = "opening";
  let lost: LavaError | undefined;
  client.on("handshake", (algorithms) => (agreed = algorithms));
  client.once("ready", opened.resolve);
  client.on("error", (error) => {
    if (state === "opening") opened.reject(refusal ?? openingFault(target, error));
    else if (state === "open") lost ??= brokenOff(target, error);
  });
  client.on("close", () => {
    if (state === "opening")
      opened.reject(refusal ?? serverUnreachable(target, undefined, "closed"));
    else if (state === "open") lost ??= brokenOff(target, new Error("closed by the other side"));
  });
  try {
    client.connect({
      ...toConfig(settings, record),
      // The library tells it nowhere else.
      debug: (text) => (program ??= /^Remote ident: 'SSH-[\d.]+-(\S+?)[ ']/.exec(text)?.[1]),
      hostVerifier: (shown: Buffer) => {
        refusal = hostKeyFault(shown, known, settings, conn_id);
        return refusal === undefined;
      },
    });
  } catch (error) {
    throw openingFault(target, error);
  }
  try {
    await opened.promise;
  } catch (error) {
    client.destroy();
    throw error;
  }
  state = "open";
  // Small packets that wait for answers would take 40 ms each.
  client.setNoDelay(true);
  return {
    client,
    settings,
    agreed,
    program,
    target,
    lost: () => lost,
    lose: (cause) => (lost ??= brokenOff(target, cause)),
    async [Symbol.asyncDispose]() {
      state = "closed";
      if (lost !== undefined) {
        client.destroy();
        return;
      }
      const closed = new Promise((resolve) => {
        client.once("close", () => resolve(undefined));
      });
      client.end();
      await closed;
    },
  };
}

function toConfig(settings: SshSettings, { key }: SshRecord): ConnectConfig {
  const config: ConnectConfig = {
    host: settings.host,
    port: settings.port,
    username: settings.user,
    privateKey: key,
    readyTimeout: settings.connectTimeoutMs,
    keepaliveInterval: settings.keepaliveMs,
    keepaliveCountMax: settings.keepaliveCount,
  };
  if (Object.keys(settings.algorithms).length > 0) {
    const lists = Object.entries(settings.algorithms).map(([name, text]) => [name, toList(text)]);
    config.algorithms = Object.fromEntries(lists);
  }
  return config;
}

/** `a,b`, or `+a` and `-a` as changes of the usual ones. */
function toList(text: string): unknown {
  const names = text.replace(/^[+^-]/, "").split(",");
  if (text.startsWith("+")) return { append: names };
  if (text.startsWith("^")) return { prepend: names };
  return text.startsWith("-") ? { remove: names } : names;
}

function hostKeyFault(
  shown: Buffer,
  known: string,
  settings: SshSettings,
  conn_id: string,
): LavaError | undefined {
  if (!settings.checkHostKey) return undefined;
  const { host, port, hostKeyAlias } = settings;
  const finding = findHostKey(known, hostNames(host, port, hostKeyAlias), shown);
  if (finding === "known" || (finding === "unknown" && settings.acceptUnknownHosts)) {
    return undefined;
  }
  const print = `SHA256:${createHash("sha256").update(shown).digest("base64").replace(/=+$/, "")}`;
  const why = {
    unknown: "is not a known host",
    changed: "is known under another key",
    revoked: "shows a revoked key",
  }[finding];
  return new LavaError(
    "HOST_KEY_REFUSED",
    `Connection ${conn_id}: ${host}:${port} ${why}: it shows ${print}`,
    {
      retry: "never",
      hint: "Ask the other side for its key, and put its known_hosts line into known_hosts of the record.",
    },
  );
}

function openingFault(target: FileTarget, error: unknown): LavaError {
  const level: unknown = error instanceof Error ? Reflect.get(error, "level") : undefined;
  if (level === "client-authentication") {
    return accessRefused(
      target.conn_id,
      "The server does not accept this user with this key",
      error,
    );
  }
  if (level === "client-timeout") return serverUnreachable(target, error, "no answer");
  return serverUnreachable(target, error);
}
