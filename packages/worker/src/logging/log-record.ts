import { type LogFields, errorText } from "@lava/core";
import { pythonJson } from "../python-json.ts";

/** Levels of the Logger interface with Python's names (WF-185). */
export const levelNames = {
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
} as const;

/** One of the Logger's methods. */
export type LogLevel = keyof typeof levelNames;

/** Who logs: the head of every record. */
export interface LogSource {
  /** `lava-worker`: alarms depend on it (WF-191). */
  readonly event_source: string;
  readonly realm?: string;
  readonly worker?: string;
  readonly host: string;
  readonly tag: string;
  readonly pid: number;
}

/** One record before it is laid out. */
export interface LogRecord {
  readonly source: LogSource;
  readonly level: LogLevel;
  /** Milliseconds. */
  readonly time: number;
  readonly message: string;
  /** `thread` names the slot (WK-017). */
  readonly fields: LogFields;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-11-23 18:36:58` in the local zone. */
function logTime(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The record as one line of JSON, members in the order of WF-180. */
export function formatJsonRecord(record: LogRecord): string {
  const { source, fields } = record;
  const { thread, ...extras } = fields;
  const head = {
    event_source: source.event_source,
    realm: source.realm,
    worker: source.worker,
    host: source.host,
    tag: source.tag,
    localtime: logTime(record.time),
    timestamp: `${new Date(record.time).toISOString().slice(0, -1)}000+00:00`,
    level: levelNames[record.level],
    message: record.message,
    thread: thread ?? "MainThread",
    pid: source.pid,
  };
  const known = Object.entries(head).filter(([, value]) => value !== undefined && value !== "");
  const more = Object.entries(extras).filter(([, value]) => !isEmpty(value));
  try {
    return pythonJson(Object.fromEntries([...known, ...more]));
  } catch (error) {
    return pythonJson({ ...Object.fromEntries(known), internal_error: errorText(error) });
  }
}

/** Empty values are left out; zero and false are values. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** The record as text; `place` decides what stands before the message (WF-184). */
export function formatTextRecord(record: LogRecord, place: "stderr" | "file" | "syslog"): string {
  const thread =
    typeof record.fields["thread"] === "string" ? record.fields["thread"] : "MainThread";
  const { tag, pid } = record.source;
  if (place === "stderr") return `${tag}: ${thread}: ${record.message}`;
  if (place === "syslog") {
    return `${tag}[${pid}]: ${levelNames[record.level]}: ${thread}: ${record.message}`;
  }
  const ms = String(Math.trunc(record.time) % 1000).padStart(3, "0");
  return `${logTime(record.time)},${ms}: ${levelNames[record.level]}: ${thread}: ${record.message}`;
}
