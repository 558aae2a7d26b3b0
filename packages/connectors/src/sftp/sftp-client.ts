import { addAbortSignal, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { errorText } from "@lava/core";
import type { SFTPWrapper, Stats } from "ssh2";
import { fileFault, transferFailed } from "../files/file-errors.ts";
import { watchSource } from "../files/file-source.ts";
import type { FileEntry, FileTransfer } from "../files/file-transfer.ts";
import type { SshLink } from "../ssh/open-ssh.ts";

/** Files over an open ssh connection, by SFTP. */
export async function openSftp(link: SshLink): Promise<FileTransfer> {
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
    link.client.sftp((error, opened) => {
      if (error === undefined) resolve(opened);
      else reject(link.lost() ?? transferFailed(link.settings.host, errorText(error), error));
    });
  });
  // Whoever waits for an answer is told; nobody else need be.
  sftp.on("error", () => undefined);
  const call = <T>(
    path: string,
    use: (done: (error: Error | undefined, value: T) => void) => void,
  ): Promise<T> =>
    new Promise((resolve, reject) => {
      const lost = link.lost();
      if (lost !== undefined) return reject(lost);
      use((error, value) => {
        if (!error) resolve(value);
        else reject(toFault(error, path, link));
      });
    });
  const send = (path: string, use: (done: (error?: Error | null) => void) => void): Promise<void> =>
    call<undefined>(path, (done) => {
      use((error) => done(error ?? undefined, undefined));
    });
  const statOf = async (path: string): Promise<FileEntry | undefined> => {
    try {
      const stats = await call<Stats>(path, (done) => {
        sftp.stat(path, done);
      });
      return toEntry(path.replace(/\/+$/, "").replace(/^.*\//s, "") || path, stats);
    } catch (error) {
      if (isCode(error, "NO_SUCH_FILE")) return undefined;
      throw error;
    }
  };
  const makeDir = async (path: string): Promise<void> => {
    if (path === "" || path === "." || path === "/") return;
    const there = await statOf(path);
    if (there?.type === "directory") return;
    if (there !== undefined) throw fileFault("FILE_EXISTS", path);
    await makeDir(parentOf(path));
    try {
      await send(path, (done) => {
        sftp.mkdir(path, done);
      });
    } catch (error) {
      // Somebody else may have made it meanwhile.
      if ((await statOf(path))?.type !== "directory") throw error;
    }
  };
  const mustNotBeDir = async (path: string): Promise<void> => {
    if ((await statOf(path))?.type === "directory") throw fileFault("IS_A_DIRECTORY", path);
  };
  return {
    async list(path) {
      const entries = await call<{ filename: string; attrs: Stats }[]>(path, (done) => {
        sftp.readdir(path, done);
      });
      return entries
        .map(({ filename, attrs }) => toEntry(filename, attrs))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    stat: statOf,
    async get(path, { signal } = {}) {
      await mustNotBeDir(path);
      const handle = await call<Buffer>(path, (done) => {
        sftp.open(path, "r", done);
      });
      const source = sftp.createReadStream(path, { handle });
      return wholeOrError(source, path, link, signal);
    },
    async put(path, source, { createDirs = false, signal } = {}) {
      if (createDirs) await makeDir(parentOf(path));
      await mustNotBeDir(path);
      const handle = await call<Buffer>(path, (done) => {
        sftp.open(path, "w", done);
      });
      const target = sftp.createWriteStream(path, { handle });
      target.on("error", () => undefined);
      const watched = watchSource(source);
      try {
        await pipeline(watched.parts(), target, signal === undefined ? {} : { signal });
      } catch (error) {
        if (link.lost() === undefined) {
          await send(path, (done) => {
            sftp.unlink(path, done);
          }).catch(() => undefined);
        }
        signal?.throwIfAborted();
        throw watched.fault === undefined ? toFault(error, path, link) : watched.fault.error;
      }
      return { size: watched.size };
    },
    async delete(path) {
      const there = await statOf(path);
      if (there === undefined) throw fileFault("NO_SUCH_FILE", path);
      await send(path, (done) => {
        if (there.type === "directory") sftp.rmdir(path, done);
        else sftp.unlink(path, done);
      });
    },
    async rename(from, to) {
      if ((await statOf(to)) !== undefined) throw fileFault("FILE_EXISTS", to);
      await send(from, (done) => {
        sftp.rename(from, to, done);
      });
    },
    mkdir: makeDir,
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

function toEntry(name: string, stats: Stats): FileEntry {
  const type = stats.isDirectory() ? "directory" : stats.isFile() ? "file" : "other";
  return {
    name,
    type,
    size: type === "file" ? stats.size : 0,
    modified: stats.mtime * 1000,
  };
}

/** The stream, whose end without an error means that the file is whole. */
function wholeOrError(
  source: Readable,
  path: string,
  link: SshLink,
  signal: AbortSignal | undefined,
): Readable {
  // The connection may end once the last part was taken: that is no fault of the file.
  source.on("error", () => undefined);
  if (signal !== undefined) addAbortSignal(signal, source);
  async function* parts(): AsyncGenerator<Uint8Array> {
    try {
      for await (const part of source) yield Buffer.from(part);
    } catch (error) {
      signal?.throwIfAborted();
      throw toFault(error, path, link);
    }
  }
  return Readable.from(parts(), { objectMode: false });
}

/** Whether an error is an answer of the server. */
function isStatus(error: unknown): boolean {
  return error instanceof Error && typeof Reflect.get(error, "code") === "number";
}

function toFault(error: unknown, path: string, link: SshLink): Error {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  if (code === 2) return fileFault("NO_SUCH_FILE", path, error);
  if (code === 3) return fileFault("FILE_ACCESS_DENIED", path, error);
  if (!isStatus(error)) return link.lose(error);
  return link.lost() ?? transferFailed(path, errorText(error), error);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && Reflect.get(error, "code") === code;
}

function parentOf(path: string): string {
  const plain = path.replace(/\/+$/, "");
  const slash = plain.lastIndexOf("/");
  return slash < 0 ? "" : slash === 0 ? "/" : plain.slice(0, slash);
}
