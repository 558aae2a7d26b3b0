import type { Logger } from "@lava/core";

/** What a logger was told. */
export type TestLog = {
  level: string;
  fields: Readonly<Record<string, unknown>>;
  message: string;
}[];

/** A logger that keeps what it is told. */
export function recordingLogger(): { logger: Logger; log: TestLog } {
  const log: TestLog = [];
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    log.push({ level, fields, message });
  };
  const logger: Logger = {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => logger,
  };
  return { logger, log };
}
