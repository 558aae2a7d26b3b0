import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Two numbers that the worker, its renewal thread and its watchdog share through a file without a name: until when
 * payloads may live, and when the watchdog last killed them for being late. Both in milliseconds of
 * `Clock.monotonic`, which all of a machine's processes see alike.
 */
export interface GuardFile {
  readonly fd: number;
  /** 0 before anything was allowed. */
  readonly until: number;
  /** 0 when the watchdog has never had to kill. */
  readonly killed: number;
  allow(until: number): void;
  close(): void;
}

/** Position of each number in the file; the watchdog's program knows them as well. */
const UNTIL = 0;
const KILLED = 8;

/** A new guard file; `folders` are tried in turn, memory before disks. */
export function createGuardFile(...folders: readonly string[]): GuardFile {
  const fd = openNameless(["/dev/shm", ...folders, tmpdir()]);
  ftruncateSync(fd, 0);
  writeSync(fd, Buffer.alloc(16), 0, 16, 0);
  return openGuardFile(fd);
}

/** The guard file with this descriptor, which another thread of the process has opened. */
export function openGuardFile(fd: number): GuardFile {
  const buffer = Buffer.alloc(8);
  const read = (position: number): number => {
    readSync(fd, buffer, 0, 8, position);
    return buffer.readDoubleLE();
  };
  return {
    fd,
    get until() {
      return read(UNTIL);
    },
    get killed() {
      return read(KILLED);
    },
    allow(until) {
      const value = Buffer.alloc(8);
      value.writeDoubleLE(until);
      writeSync(fd, value, 0, 8, UNTIL);
    },
    close() {
      closeSync(fd);
    },
  };
}

function openNameless(folders: readonly string[]): number {
  let fault: unknown;
  for (const folder of folders) {
    const path = join(folder, `.lava-guard-${process.pid}-${Math.random().toString(36).slice(2)}`);
    try {
      const fd = openSync(path, "wx+", 0o600);
      unlinkSync(path);
      return fd;
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}
