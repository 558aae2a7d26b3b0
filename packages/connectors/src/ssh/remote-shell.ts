import { Writable } from "node:stream";
import type { ClientChannel } from "ssh2";
import { brokenOff } from "../files/file-errors.ts";
import type { SshLink } from "./open-ssh.ts";

/** What a command of another machine ended with. */
export interface RemoteResult {
  /** Exit status; undefined when a signal ended it. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@link RemoteShell.exec}. */
export interface ExecOptions {
  /** What it reads; nothing by default. */
  readonly input?: string | Uint8Array;
  /** Ends the command. */
  readonly signal?: AbortSignal | undefined;
  /** Takes the output as it comes, which then is not in the result. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
}

/** Commands of another machine. */
export interface RemoteShell extends AsyncDisposable {
  /**
   * Runs a command by the user's shell there. A status that is not 0 is no fault.
   *
   * @throws {LavaError} CONNECTION_LOST
   */
  exec(command: string, options?: ExecOptions): Promise<RemoteResult>;
}

/** Commands over an open connection. */
export function createRemoteShell(link: SshLink): RemoteShell {
  return {
    async exec(command, options = {}) {
      options.signal?.throwIfAborted();
      const channel = await new Promise<ClientChannel>((resolve, reject) => {
        link.client.exec(command, (error, opened) => {
          if (error === undefined) resolve(opened);
          else reject(link.lost() ?? error);
        });
      });
      return await follow(channel, options, link);
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

async function follow(
  channel: ClientChannel,
  { input, signal, stdout, stderr }: ExecOptions,
  link: SshLink,
): Promise<RemoteResult> {
  const out = collector(stdout);
  const err = collector(stderr);
  channel.pipe(out.stream, { end: false });
  channel.stderr.pipe(err.stream, { end: false });
  const stop = (): void => {
    channel.signal("KILL");
    channel.close();
  };
  signal?.addEventListener("abort", stop, { once: true });
  let status: number | undefined;
  let died: string | undefined;
  const ended = Promise.withResolvers<void>();
  channel.on("exit", (code: number | null, name?: string) => {
    status = code ?? undefined;
    died = name;
  });
  channel.once("close", ended.resolve);
  channel.end(input);
  await ended.promise;
  signal?.removeEventListener("abort", stop);
  signal?.throwIfAborted();
  if (status === undefined && died === undefined) {
    throw link.lost() ?? brokenOff(link.target, new Error("the command has no end"));
  }
  return { status, signal: died, stdout: out.text(), stderr: err.text() };
}

function collector(given: Writable | undefined): {
  readonly stream: Writable;
  readonly text: () => string;
} {
  const parts: Buffer[] = [];
  const own = new Writable({
    write(chunk: Buffer, _encoding, done) {
      parts.push(chunk);
      done();
    },
  });
  return { stream: given ?? own, text: () => Buffer.concat(parts).toString() };
}
