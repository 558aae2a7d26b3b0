import { LavaError, parseDuration } from "@lava/core";
import type { SshRecord } from "./ssh-record.ts";

/** Settings of a connection, as far as this process opens it itself. */
export interface SshSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Name under which the host's key is looked up. */
  readonly hostKeyAlias: string | undefined;
  /** Whether a host that is not known is let pass. A known host with another key never is. */
  readonly acceptUnknownHosts: boolean;
  /** Whether the host's key is looked at. */
  readonly checkHostKey: boolean;
  /** Files of known hosts; undefined for the usual ones. */
  readonly knownHostsFiles: readonly string[] | undefined;
  readonly connectTimeoutMs: number;
  readonly keepaliveMs: number;
  readonly keepaliveCount: number;
  readonly algorithms: Readonly<Record<string, string>>;
}

/** Options that mean nothing here, or are always so. */
const WITHOUT_EFFECT = new Set([
  ...["batchmode", "identitiesonly", "loglevel", "passwordauthentication", "pubkeyauthentication"],
  ...["preferredauthentications", "numberofpasswordprompts", "kbdinteractiveauthentication"],
  ...["requesttty", "forwardagent", "forwardx11", "tcpkeepalive", "updatehostkeys", "compression"],
  ...["controlmaster", "controlpath", "controlpersist", "addkeystoagent", "hashknownhosts"],
  ...["checkhostip", "visualhostkey", "gssapiauthentication"],
]);

const ALGORITHMS: Readonly<Record<string, string>> = {
  ciphers: "cipher",
  kexalgorithms: "kex",
  macs: "hmac",
  hostkeyalgorithms: "serverHostKey",
};

/**
 * What the record says about the host, its `ssh_options` included, as far as they are for the connection itself.
 *
 * @throws {LavaError} BAD_CONNECTION_RECORD for options that only the commands know
 */
export function toSshSettings(record: SshRecord): SshSettings {
  const given = new Map<string, string>();
  for (const option of record.options) {
    const [, name = option, value = ""] =
      /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/s.exec(option) ?? [];
    // The first one counts, as in ssh.
    if (!given.has(name.toLowerCase())) given.set(name.toLowerCase(), value.trim());
  }
  const take = (name: string): string | undefined => {
    const value = given.get(name);
    given.delete(name);
    return value;
  };
  const strict = (take("stricthostkeychecking") ?? "ask").toLowerCase();
  const files = take("userknownhostsfile");
  const global = take("globalknownhostsfile");
  const algorithms = Object.entries(ALGORITHMS).flatMap(([option, name]): [string, string][] => {
    const value = take(option);
    return value === undefined ? [] : [[name, value]];
  });
  const timeout = take("connecttimeout");
  const host = record.host ?? take("hostname");
  const user = record.user ?? take("user");
  const port = record.port ?? Number(take("port") ?? 22);
  for (const name of ["hostname", "user", "port"]) take(name);
  const settings = {
    port,
    hostKeyAlias: take("hostkeyalias"),
    checkHostKey: strict !== "no" && strict !== "off",
    acceptUnknownHosts: strict === "accept-new",
    knownHostsFiles:
      files === undefined && global === undefined
        ? undefined
        : [files, global]
            .flatMap((text) => (text ?? "").split(/\s+/))
            .filter((file) => file !== ""),
    connectTimeoutMs: (timeout === undefined ? 20 : parseDuration(timeout)) * 1000,
    keepaliveMs: Number(take("serveraliveinterval") ?? 15) * 1000,
    keepaliveCount: Number(take("serveralivecountmax") ?? 3),
    algorithms: Object.fromEntries(algorithms),
  };
  const unknown = [...given.keys()].find((name) => !WITHOUT_EFFECT.has(name));
  if (unknown !== undefined) {
    throw bad(record, `ssh option ${unknown} works in commands of jobs only`, "Leave it out.");
  }
  if (host === undefined || user === undefined) {
    const missing = host === undefined ? "host" : "user";
    throw bad(
      record,
      `${missing} must be specified to open it in an application`,
      `Add ${missing} to the record; commands of jobs name it in their arguments.`,
    );
  }
  return { host, user, ...settings };
}

function bad({ conn_id }: SshRecord, text: string, hint: string): LavaError {
  return new LavaError("BAD_CONNECTION_RECORD", `Connection ${conn_id}: ${text}`, {
    retry: "never",
    hint,
  });
}
