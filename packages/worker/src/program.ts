import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
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
      if (isShellText(place)) throw startFault("ENOEXEC", program);
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

/** Whether a file is text that names no interpreter. */
function isShellText(file: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(file, "r");
    const buffer = Buffer.alloc(128);
    const head = buffer.subarray(0, readSync(fd, buffer, 0, 128, 0));
    return !(head[0] === 0x23 && head[1] === 0x21) && !head.includes(0);
  } catch {
    return false; // executable but not readable: let the kernel say
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** `code` of a system error: `ENOENT`. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}
