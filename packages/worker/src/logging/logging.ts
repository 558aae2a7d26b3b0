import type { Clock, LogFields, Logger, Redactor } from "@lava/core";
import {
  formatJsonRecord,
  formatTextRecord,
  type LogLevel,
  type LogRecord,
  type LogSource,
} from "./log-record.ts";
import type { LogSink } from "./log-sinks.ts";

/** Options of {@link createWorkerLogger}. */
export interface WorkerLoggerOptions {
  readonly source: LogSource;
  readonly sink: LogSink;
  /** The least level that is written; `critical`: nothing, since a worker logs nothing as critical as that. */
  readonly level: LogLevel | "critical";
  /** JSON records instead of text. */
  readonly json: boolean;
  readonly clock: Clock;
  /** Masks secrets in every line (WK-169). */
  readonly redactor?: Redactor;
}

const ORDER: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** The log of a worker: records of WF-180 to WF-184. Fields named `thread` name the slot. */
export function createWorkerLogger(options: WorkerLoggerOptions): Logger {
  const { level: given } = options;
  const least = given === "critical" ? ORDER.length : ORDER.indexOf(given);
  const log = (level: LogLevel, fields: LogFields, message: string): void => {
    if (ORDER.indexOf(level) < least) return;
    const record = { source: options.source, level, time: options.clock.now(), message, fields };
    const line = format(record, options);
    options.sink.write(options.redactor?.mask(line) ?? line, level);
  };
  const make = (base: LogFields): Logger => ({
    debug: (fields, message) => {
      log("debug", { ...base, ...fields }, message);
    },
    info: (fields, message) => {
      log("info", { ...base, ...fields }, message);
    },
    warn: (fields, message) => {
      log("warn", { ...base, ...fields }, message);
    },
    error: (fields, message) => {
      log("error", { ...base, ...fields }, message);
    },
    child: (fields) => make({ ...base, ...fields }),
  });
  return make({});
}

function format(record: LogRecord, { json, sink }: WorkerLoggerOptions): string {
  if (!json) return formatTextRecord(record, sink.place);
  const line = formatJsonRecord(record);
  return sink.place === "syslog" ? `${record.source.tag}: ${line}` : line;
}
