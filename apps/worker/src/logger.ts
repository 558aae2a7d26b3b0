import { hostname } from "node:os";
import { type Clock, LavaError, type Logger, type Redactor } from "@lava/core";
import {
  createWorkerLogger,
  fileSink,
  type LogLevel,
  type LogSink,
  stderrSink,
  syslogSink,
} from "@lava/worker";
import type { CommandLine } from "./command-line.ts";

const LEVELS: Readonly<Record<string, LogLevel | "critical">> = {
  debug: "debug",
  info: "info",
  warning: "warn",
  warn: "warn",
  error: "error",
  critical: "critical",
};

/** The log that the command line asks for (WK-011). @throws {LavaError} USAGE, CANNOT_OPEN_LOG, BAD_LOG_TARGET */
export function toLogger(
  options: CommandLine,
  stderr: NodeJS.WritableStream & { isTTY?: boolean },
  clock: Clock,
  redactor: Redactor,
): Logger {
  const level = LEVELS[options.level.toLowerCase()];
  if (level === undefined) {
    throw new LavaError("USAGE", `Argument -l/--level: unknown level ${options.level}`, {
      kind: "usage",
      hint: "Use debug, info, warning, error or critical.",
    });
  }
  return createWorkerLogger({
    source: {
      event_source: "lava-worker",
      realm: options.realm,
      worker: options.worker,
      host: hostname(),
      tag: options.tag,
      pid: process.pid,
    },
    sink: toSink(options, stderr),
    level,
    json: options.logJson,
    clock,
    redactor,
  });
}

function toSink(
  { log, tag, colour }: CommandLine,
  stderr: NodeJS.WritableStream & { isTTY?: boolean },
): LogSink {
  if (log === undefined) return stderrSink(stderr, colour && stderr.isTTY === true);
  return log.startsWith("@") ? syslogSink(log.slice(1), tag) : fileSink(log);
}
