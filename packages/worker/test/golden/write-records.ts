// Writes the records of log-records.json, given on standard input, as a worker does: run in a zone of its own.
import { readFileSync } from "node:fs";
import { Writable } from "node:stream";
import { createRedactor, systemClock } from "@lava/core";
import type { LogLevel } from "../../src/logging/log-record.ts";
import { type LogSink, stderrSink } from "../../src/logging/log-sinks.ts";
import { createWorkerLogger } from "../../src/logging/logging.ts";

interface Sample {
  readonly time: number;
  readonly level: "DEBUG" | "INFO" | "WARNING" | "ERROR";
  readonly thread: string;
  readonly message: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

const LEVELS = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
} as const satisfies Record<string, LogLevel>;
const source = {
  ...{ event_source: "lava-worker", realm: "dev", worker: "core", host: "vm" },
  ...{ tag: "lava-dev-core", pid: 11_830 },
};

function write(
  { time, level, thread, message, extra }: Sample,
  json: boolean,
  sink: LogSink,
): void {
  const clock = { ...systemClock, now: () => time };
  const logger = createWorkerLogger({
    source,
    sink,
    level: "debug",
    json,
    clock,
    redactor: createRedactor(),
  });
  logger[LEVELS[level]]({ thread, ...extra }, message);
}

function line(sample: Sample, json: boolean, place: LogSink["place"]): string {
  let text = "";
  write(sample, json, { place, write: (written) => void (text += written) });
  return text;
}

function coloured(sample: Sample): string {
  let text = "";
  const stream = new Writable({
    write(part: Buffer, _encoding, done) {
      text += part.toString();
      done();
    },
  });
  write(sample, false, stderrSink(stream, true));
  return text;
}

const samples: readonly Sample[] = JSON.parse(readFileSync(0, "utf8"));
const written = samples.map((sample) => ({
  json: line(sample, true, "file"),
  json_syslog: line(sample, true, "syslog"),
  text: {
    file: line(sample, false, "file"),
    syslog: line(sample, false, "syslog"),
    stderr: line(sample, false, "stderr"),
  },
  colour: coloured(sample),
}));
process.stdout.write(JSON.stringify(written));
