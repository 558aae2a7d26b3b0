import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from "node:fs";
import { delimiter, isAbsolute, resolve } from "node:path";
import { LavaError } from "@lava/core";

/** Texts that Python gives for the faults of starting a program (WK-108). */
const FAULTS: Readonly<Record<string, readonly [number, string]>> = {
  ENOENT: [2, "No such file or directory"],
  E2BIG: [7, "Argument list too long"],
  ENOEXEC: [8, "Exec format error"],
  EAGAIN: [11, "Resource temporarily unavailable"],
  ENOMEM: [12, "Cannot allocate memory"],
  EACCES: [13, "Permission denied"],
  ENOTDIR: [20, "Not a directory"],
  EISDIR: [21, "Is a directory"],
  ETXTBSY: [26, "Text file busy"],
};

/** A failure to start `program`, with the text that Python has for it. */
export function startFault(code: string, program: string, cause?: unknown): LavaError {
  const [errno, text] = FAULTS[code] ?? [0, code];
  return new LavaError("CANNOT_START_PROGRAM", `[Errno ${errno}] ${text}: '${program}'`, {
    cause,
    hint: "Check that the file exists, may be executed, and begins with #! if it is a script.",
  });
}

/**
 * The file that a program name stands for: looked up in `path` when it has no slash, relative to `cwd` otherwise
 * (T-60). A text file without `#!` is refused as the kernel refuses it; the C library would hand it to a shell.
 * Asked synchronously, like the start itself: a call costs a few microseconds, a way round through threads many more.
 *
 * @throws {LavaError} CANNOT_START_PROGRAM
 */
export function findProgram(program: string, cwd: string, path: string | undefined): string {
  const places = program.includes("/")
    ? [isAbsolute(program) ? program : resolve(cwd, program)]
    : (path ?? "/bin:/usr/bin")
        .split(delimiter)
        .map((folder) => resolve(cwd, folder === "" ? "." : folder, program));
  let fault = "ENOENT";
  for (const place of program === "" ? [] : places) {
    const code = checkExecutable(place);
    if (code === undefined) {
      if (isRefused(place)) throw startFault("ENOEXEC", program);
      return place;
    }
    if (code !== "ENOENT" && code !== "ENOTDIR") fault = code;
  }
  throw startFault(fault, program);
}

function checkExecutable(file: string): string | undefined {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) return "ENOENT";
    if (found.isDirectory()) return "EACCES";
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}

/**
 * Whether the kernel would refuse a file that may be executed: text that names no interpreter, half a program, a
 * program of another kind of processor. The C library would hand each of them to a shell.
 */
function isRefused(file: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(file, "r");
    const buffer = Buffer.alloc(128);
    const head = buffer.subarray(0, readSync(fd, buffer, 0, 128, 0));
    if (head.subarray(0, 4).toString("latin1") === "\x7fELF") return isForeign(head);
    return !(head[0] === 0x23 && head[1] === 0x21) && !head.includes(0);
  } catch {
    return false; // executable but not readable: let the kernel say
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Numbers of processors in the headers of programs, by Node's name for the machine: its own, and what it runs too. */
const PROCESSORS: Readonly<Partial<Record<NodeJS.Architecture, readonly number[]>>> = {
  x64: [62, 3],
  arm64: [183, 40],
};

function isForeign(head: Buffer): boolean {
  if (head.length < 52) return true;
  const own = PROCESSORS[process.arch];
  const processor = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
  return own !== undefined && !own.includes(processor) && !canEmulate();
}

/** Whether this machine runs programs of others through an emulator. */
function canEmulate(): boolean {
  try {
    return readdirSync("/proc/sys/fs/binfmt_misc").some((name) => name.startsWith("qemu-"));
  } catch {
    return false;
  }
}

/** `code` of a system error: `ENOENT`. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}
