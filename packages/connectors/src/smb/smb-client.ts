import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LavaError } from "@lava/core";
import { fileFault, transferFailed } from "../files/file-errors.ts";
import { watchSource } from "../files/file-source.ts";
import type { FileEntry, FileTransfer } from "../files/file-transfer.ts";
import { smbFault } from "./smb-errors.ts";
import type { SmbRecord } from "./smb-record.ts";
import type { SmbProgram } from "./smbclient.ts";

/** A path: the share, and what is below it with backslashes. */
interface SmbPath {
  readonly share: string;
  readonly below: string;
}

/** Files of an SMB server; the first part of a path is the share. */
export function createSmbClient(program: SmbProgram, record: SmbRecord): FileTransfer {
  const command = async (path: string, share: string, text: string): Promise<string> => {
    const run = program.start(share, text);
    run.stdin.end();
    run.stdout.resume();
    const said = await run.said;
    const fault = smbFault(said, path, record);
    if (fault !== undefined) throw fault;
    return said;
  };
  const statOf = async (path: string): Promise<FileEntry | undefined> => {
    const { share, below } = toSmbPath(path);
    try {
      if (below === "") {
        await command(path, share, "ls");
        return { name: share, type: "directory", size: 0, modified: undefined };
      }
      const [entry] = parseList(await command(path, share, `ls "${below}"`));
      return entry;
    } catch (error) {
      if (error instanceof LavaError && error.code === "NO_SUCH_FILE") return undefined;
      throw error;
    }
  };
  const makeDir = async (path: string): Promise<void> => {
    const { share, below } = toSmbPath(path);
    if (below === "" || (await statOf(path))?.type === "directory") return;
    await makeDir(parentOf(path));
    try {
      await command(path, share, `mkdir "${below}"`);
    } catch (error) {
      // Somebody else may have made it meanwhile.
      if ((await statOf(path))?.type !== "directory") throw error;
    }
  };
  return {
    async list(path) {
      if (path.replaceAll("/", "") === "") return listShares(program, record);
      const { share, below } = toSmbPath(path);
      const said = await command(path, share, below === "" ? "ls" : `ls "${below}\\*"`);
      return parseList(said).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    stat: statOf,
    async get(path, { signal } = {}) {
      const { share, below } = fileOf(path);
      const run = program.start(share, `get "${below}" -`);
      run.stdin.end();
      const first = await firstPart(run.stdout);
      // Without a first part it has ended: the file is empty, or not there.
      if (first === undefined) {
        const fault = smbFault(await run.said, path, record);
        if (fault !== undefined) throw fault;
      }
      async function* parts(): AsyncGenerator<Uint8Array> {
        const stop = (): void => void run.child.kill("SIGKILL");
        signal?.addEventListener("abort", stop, { once: true });
        let size = 0;
        try {
          // Not put back: by now the stream may have come to its end, and takes nothing any more.
          if (first !== undefined) {
            size += first.length;
            yield first;
          }
          for await (const part of run.stdout) {
            const bytes = Buffer.from(part);
            size += bytes.length;
            yield bytes;
          }
          signal?.throwIfAborted();
          const said = await run.said;
          const whole = Number(/ of size (\d+) as - /.exec(said)?.[1] ?? Number.NaN);
          const fault = smbFault(said, path, record);
          if (fault !== undefined) throw fault;
          if (whole !== size) throw transferFailed(path, `${size} bytes came of ${whole}`);
        } finally {
          signal?.removeEventListener("abort", stop);
          stop();
        }
      }
      return Readable.from(parts(), { objectMode: false });
    },
    async put(path, source, { createDirs = false, signal } = {}) {
      const { share, below } = fileOf(path);
      if (createDirs) await makeDir(parentOf(path));
      const run = program.start(share, `put - "${below}"`);
      run.stdout.resume();
      const watched = watchSource(source);
      try {
        await pipeline(watched.parts(), run.stdin, signal === undefined ? {} : { signal });
      } catch (error) {
        // An end of its input would be the end of the file.
        const stopped = watched.fault !== undefined || signal?.aborted === true;
        if (stopped) run.child.kill("SIGKILL");
        const said = await run.said;
        if (!stopped) throw smbFault(said, path, record) ?? error;
        await command(path, share, `rm "${below}"`).catch(() => undefined);
        signal?.throwIfAborted();
        throw watched.fault?.error ?? error;
      }
      const said = await run.said;
      const fault = smbFault(said, path, record);
      if (fault !== undefined) throw fault;
      return { size: watched.size };
    },
    async delete(path) {
      const { share, below } = fileOf(path);
      const there = await statOf(path);
      if (there === undefined) throw fileFault("NO_SUCH_FILE", path);
      await command(path, share, `${there.type === "directory" ? "rmdir" : "rm"} "${below}"`);
    },
    async rename(from, to) {
      const [old, wanted] = [fileOf(from), fileOf(to)];
      if (old.share !== wanted.share) throw transferFailed(to, "It is another share");
      if ((await statOf(to)) !== undefined) throw fileFault("FILE_EXISTS", to);
      await command(from, old.share, `rename "${old.below}" "${wanted.below}"`);
    },
    mkdir: makeDir,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** @throws {LavaError} TRANSFER_FAILED for names that SMB or its client cannot hold */
function toSmbPath(path: string): SmbPath {
  // A wildcard would be many files, a semicolon another command.
  const odd = /[\p{Cc}"*?<>|;]/u.exec(path);
  if (odd !== null) throw transferFailed(path, `A path in a share cannot hold ${odd[0]}`);
  const [share = "", ...parts] = path.split(/[/\\]+/).filter((part) => part !== "");
  if (share === "") throw transferFailed(path, "A path begins with the name of a share");
  return { share, below: parts.join("\\") };
}

function fileOf(path: string): SmbPath {
  const found = toSmbPath(path);
  if (found.below === "") throw fileFault("IS_A_DIRECTORY", path);
  return found;
}

function parentOf(path: string): string {
  return path.replace(/[/\\]+[^/\\]*[/\\]*$/, "");
}

/** Lines of `ls`: the name, padded; seven places for attributes; the size; the time in UTC. */
const LINE = /^ {2}(.*)(.{7}) ([ \d]{8,}) {2}(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})$/;

function parseList(said: string): FileEntry[] {
  return said.split("\n").flatMap((line): FileEntry[] => {
    const [, padded = "", attributes = "", size = "", time = ""] = LINE.exec(line) ?? [];
    const name = padded.trimEnd();
    if (name === "" || name === "." || name === "..") return [];
    const type = attributes.includes("D") ? "directory" : "file";
    const modified = Date.parse(`${time} UTC`);
    return [{ name, type, size: type === "file" ? Number(size) : 0, modified }];
  });
}

async function listShares(program: SmbProgram, record: SmbRecord): Promise<FileEntry[]> {
  const run = program.listShares();
  run.stdin.end();
  let text = "";
  for await (const part of run.stdout) text += String(part);
  const said = await run.said;
  const names = `${text}\n${said}`.matchAll(/^Disk\|([^|]+)\|/gm);
  const shares = [...names].map(([, name = ""]): FileEntry => ({
    name,
    type: "directory",
    size: 0,
    modified: undefined,
  }));
  const fault = smbFault(said, "/", record);
  // The list of workgroups, which comes after, may fail.
  if (shares.length === 0 && fault !== undefined) throw fault;
  return shares.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Waits for the first part of a stream, and leaves the rest. */
function firstPart(stream: Readable): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const onReadable = (): void => {
      const part: unknown = stream.read();
      if (part === null) return;
      done(Buffer.isBuffer(part) ? part : undefined);
    };
    const onEnd = (): void => done(undefined);
    const done = (part: Buffer | undefined): void => {
      stream.removeListener("readable", onReadable);
      stream.removeListener("end", onEnd);
      resolve(part);
    };
    stream.on("readable", onReadable);
    stream.once("end", onEnd);
  });
}
