import { hostname } from "node:os";
import { LavaError, type LogFields, type Logger } from "@lava/core";
import type { CliContext } from "../command.ts";

/** How lava-dispatcher is to log. */
export interface DispatcherLogOptions {
  readonly realm: string;
  readonly level: string;
  readonly tag: string;
  readonly log?: string;
  readonly logJson?: boolean;
}

const LEVELS = ["debug", "info", "warn", "error"] as const;
const NAMES = { debug: "DEBUG", info: "INFO", warn: "WARNING", error: "ERROR" } as const;

/** The log of lava-dispatcher: text as a worker's, or the JSON records of WF-182. @throws {LavaError} BAD_OPTIONS */
export async function openDispatcherLog(
  options: DispatcherLogOptions,
  { clock, stderr }: CliContext,
): Promise<Logger> {
  const { createWorkerLogger, fileSink, syslogSink } = await import("@lava/worker");
  const { log, tag, realm } = options;
  const wanted = options.level.toLowerCase().replace(/^warning$/, "warn");
  const level = [...LEVELS, "critical" as const].find((name) => name === wanted);
  if (level === undefined) {
    throw new LavaError("BAD_OPTIONS", `unknown level ${options.level}`, { kind: "usage" });
  }
  const sink =
    log === undefined
      ? { place: "stderr" as const, write: (line: string) => stderr.write(`${line}\n`) }
      : log.startsWith("@")
        ? syslogSink(log.slice(1), tag)
        : fileSink(log);
  const source = {
    event_source: "lava-dispatcher",
    realm,
    host: hostname(),
    tag,
    pid: process.pid,
  };
  if (options.logJson !== true) {
    return createWorkerLogger({ source, sink, level, json: false, clock });
  }
  const least = level === "critical" ? LEVELS.length : LEVELS.indexOf(level);
  const write =
    (at: (typeof LEVELS)[number]) =>
    ({ event_type, job_id, run_id }: LogFields, message: string): void => {
      if (LEVELS.indexOf(at) < least) return;
      const line = jsonLine({
        event_source: source.event_source,
        realm,
        host: source.host,
        tag,
        timestamp: localTime(clock.now()),
        level: NAMES[at],
        message,
        pid: source.pid,
        event_type,
        job_id,
        run_id,
      });
      sink.write(sink.place === "syslog" ? `${tag}: ${line}` : line, at);
    };
  const logger: Logger = {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: () => logger,
  };
  return logger;
}

/** As Python's `json.dumps`: blanks after commas and colons, ASCII alone. */
function jsonLine(record: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(record)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  return `{${members.join(", ")}}`.replaceAll(
    /[\u0080-\uffff]/g,
    (char) => String.raw`\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** `2026-11-23 18:36:58` in the local zone. */
function localTime(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  return (
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  );
}
