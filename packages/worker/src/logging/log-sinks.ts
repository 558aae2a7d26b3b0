import { type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { existsSync, openSync, writeSync } from "node:fs";
import { LavaError } from "@lava/core";
import type { LogLevel } from "./log-record.ts";

/** Where lines of the log go. Never throws: the log must not end a worker (OPS-203). */
export interface LogSink {
  readonly place: "stderr" | "file" | "syslog";
  write(line: string, level: LogLevel): void;
}

/** Those of the original. */
const COLOURS = {
  debug: "\u001B[2m\u001B[30m",
  info: "\u001B[34m",
  warn: "\u001B[35m",
  error: "\u001B[1m\u001B[31m",
} as const;
const END = "\u001B[39m\u001B[0m";

/** Standard error, coloured by level on a terminal. */
export function stderrSink(stream: NodeJS.WritableStream, colour: boolean): LogSink {
  return {
    place: "stderr",
    write(line, level) {
      stream.write(colour ? `${COLOURS[level]}${line}${END}\n` : `${line}\n`);
    },
  };
}

/** A file, appended to. @throws {LavaError} CANNOT_OPEN_LOG */
export function fileSink(file: string): LogSink {
  let descriptor: number;
  try {
    descriptor = openSync(file, "a");
  } catch (cause) {
    throw new LavaError("CANNOT_OPEN_LOG", `The log file ${file} cannot be opened`, {
      cause,
      hint: "Name a file in a folder that exists and may be written to.",
    });
  }
  return {
    place: "file",
    write(line) {
      try {
        writeSync(descriptor, `${line}\n`);
      } catch {
        // A full disk loses log lines, not jobs.
      }
    },
  };
}

const FACILITIES: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  ...Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`local${n}`, 16 + n])),
};
const SEVERITIES: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };
const SOCKETS = ["/dev/log", "/var/run/syslog"];

/**
 * The system log: through `logger` where there is a local socket (Node speaks no datagrams over it), else UDP to
 * port 514 of this host (OPS-200). Lines carry their tag already.
 *
 * @throws {LavaError} BAD_LOG_TARGET
 */
export function syslogSink(
  facility: string,
  tag: string,
  sockets: readonly string[] = SOCKETS,
): LogSink {
  const number = FACILITIES[facility.toLowerCase()];
  if (number === undefined) {
    throw new LavaError("BAD_LOG_TARGET", `Unknown syslog facility: ${facility}`, {
      hint: `Use one of ${Object.keys(FACILITIES).join(", ")}.`,
      kind: "usage",
    });
  }
  const socket = sockets.find((path) => existsSync(path));
  const send = socket === undefined ? udp() : loggerProcess(tag, socket);
  return {
    place: "syslog",
    write(line, level) {
      send(`<${number * 8 + SEVERITIES[level]}>`, line);
    },
  };
}

type Send = (priority: string, line: string) => void;

function udp(): Send {
  const socket = createSocket("udp4");
  socket.unref();
  socket.on("error", () => undefined);
  return (priority, line) => {
    socket.send(`${priority}${line}`, 514, "127.0.0.1", () => undefined);
  };
}

/** One `logger` for the life of the process, started again when it ends. */
function loggerProcess(tag: string, socket: string): Send {
  let child: ChildProcess | undefined;
  let fallback: Send | undefined;
  const start = (): ChildProcess => {
    const args = ["--prio-prefix", "--size", "65536", "--tag", tag, "--socket", socket];
    const logger = spawn("/usr/bin/logger", args, { stdio: ["pipe", "ignore", "ignore"] });
    logger.unref();
    logger.stdin.on("error", () => undefined);
    logger.once("error", () => {
      fallback = udp();
    });
    logger.once("exit", () => {
      child = undefined;
    });
    return logger;
  };
  return (priority, line) => {
    if (fallback !== undefined) {
      fallback(priority, line);
      return;
    }
    child ??= start();
    // `logger` puts the tag before the line itself.
    const text = line.startsWith(`${tag}: `) ? line.slice(tag.length + 2) : line;
    child.stdin?.write(`${priority}${text}\n`);
  };
}
