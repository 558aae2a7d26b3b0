import { randomUUID } from "node:crypto";
import { isMap, LavaError, parseJson } from "@lava/core";
import type { Realm } from "@lava/realm";

/** How long a lock lives without being renewed, in milliseconds. */
const LIFE = 60_000;

/** Who deploys, for people. */
export interface Deployer {
  readonly user: string;
  readonly host: string;
}

/** The right to change what is deployed below one prefix of a realm. */
export interface DeployLock extends AsyncDisposable {
  /** Aborts when the lock was lost: nothing more may be written. */
  readonly signal: AbortSignal;
}

/**
 * Takes the lock of a payload prefix (FW-252): an object that is written only if it is not there, renewed while it is
 * held. One that is not renewed any more, because its holder was killed, is taken over after a minute.
 *
 * @throws {LavaError} DEPLOYMENT_RUNNING that says who holds it and until when
 */
export async function takeDeployLock(
  realm: Realm,
  prefix: string,
  by: Deployer,
): Promise<DeployLock> {
  const name = `__fwk__/lock/${encodeURIComponent(prefix)}.json`;
  const token = randomUUID();
  const { clock, payloads } = realm;
  const content = (): string =>
    `${JSON.stringify({ ...by, token, expires: new Date(clock.now() + LIFE).toISOString() })}\n`;
  const write = async (expected: string | null): Promise<string> => {
    await payloads.put(name, content(), { expected });
    return (await payloads.head(name))?.etag ?? "";
  };

  async function take(): Promise<string> {
    const stored = await payloads.head(name);
    if (stored === undefined) return write(null);
    const holder = readHolder(await payloads.get(name));
    if (holder.expires > clock.now()) throw running(prefix, realm.name, holder);
    return write(stored.etag);
  }

  let etag: string;
  try {
    etag = await take();
  } catch (error) {
    if (!(error instanceof LavaError) || error.code !== "OBJECT_CHANGED") throw error;
    throw running(prefix, realm.name, readHolder(await payloads.get(name)));
  }

  const lost = new AbortController();
  const stop = new AbortController();
  const renew = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await clock.sleep(LIFE / 4, stop.signal);
      etag = await write(etag);
    }
  };
  const renewal = renew().catch((error: unknown) => {
    if (!stop.signal.aborted) lost.abort(error);
  });
  return {
    signal: lost.signal,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await renewal;
      if (!lost.signal.aborted) await payloads.delete([name]);
    },
  };
}

interface Holder extends Deployer {
  readonly expires: number;
}

function readHolder(content: Uint8Array | undefined): Holder {
  const data = content === undefined ? {} : parseJson(new TextDecoder().decode(content));
  const text = (name: string): string => {
    const value = isMap(data) ? data[name] : undefined;
    return typeof value === "string" ? value : "";
  };
  return { user: text("user"), host: text("host"), expires: Date.parse(text("expires")) || 0 };
}

function running(prefix: string, realm: string, holder: Holder): LavaError {
  const who = holder.user === "" ? "Somebody" : `${holder.user} on ${holder.host}`;
  return new LavaError(
    "DEPLOYMENT_RUNNING",
    `${who} is deploying ${prefix} to realm ${realm} at this moment`,
    {
      hint: `Wait until it has ended. If it was killed, its lock ends at ${new Date(holder.expires).toISOString()}.`,
    },
  );
}
