/** Fields of a log record; ids carry their wire names (`job_id`, `run_id`). */
export type LogFields = Readonly<Record<string, unknown>>;

/** What libraries log to. Fields first, then a constant message; children carry ids. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

/** Logs nothing. */
export const nullLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => nullLogger,
};
