import { type Clock, LavaError, type LogFields, type Logger } from "@lava/core";

/** Options of {@link createJsonLogger}. */
export interface JsonLoggerOptions {
  readonly clock: Clock;
  /** Takes one line without its end. */
  readonly write: (line: string) => void;
  readonly level: LogLevel;
  readonly fields?: LogFields;
}

const LEVELS = { debug: 10, info: 20, warning: 30, error: 40, critical: 50 } as const;

/** A level, by Python's name. */
export type LogLevel = keyof typeof LEVELS;

/** Lines of JSON for CloudWatch: level, time, message and the ids (LAM-006). */
export function createJsonLogger(options: JsonLoggerOptions): Logger {
  const { clock, write, level, fields: own = {} } = options;
  const at = (name: LogLevel) => (fields: LogFields, message: string) => {
    if (LEVELS[name] < LEVELS[level]) return;
    const timestamp = new Date(clock.now()).toISOString();
    write(
      JSON.stringify(
        { level: name, timestamp, message, ...own, ...fields },
        (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
      ),
    );
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warning"),
    error: at("error"),
    child: (fields) => createJsonLogger({ ...options, fields: { ...own, ...fields } }),
  };
}

/**
 * The level of a function: `LOGLEVEL`, else `LAVA_LOGLEVEL`, else info (LAM-004, TRAP-LAM-09). Any case; `warn` and
 * `fatal` are understood too.
 *
 * @throws {LavaError} BAD_LOG_LEVEL
 */
export function logLevelOf(env: Readonly<Record<string, string | undefined>>): LogLevel {
  const written = env["LOGLEVEL"] || env["LAVA_LOGLEVEL"] || "info";
  const word = written.toLowerCase();
  if (isLevel(word)) return word;
  if (word === "warn") return "warning";
  if (word === "fatal") return "critical";
  throw new LavaError("BAD_LOG_LEVEL", `Bad log level: ${written}`, {
    retry: "never",
    hint: `Set LOGLEVEL to one of ${Object.keys(LEVELS).join(", ")}.`,
  });
}

function isLevel(word: string): word is LogLevel {
  return Object.hasOwn(LEVELS, word);
}
