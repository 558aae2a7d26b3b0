/** What every other package stands on: no dependencies, nothing of AWS. */
export { type Clock, systemClock } from "./clock.ts";
export { type Data, type DataMap, DecimalValue, FloatValue, isMap, isTruthy } from "./data.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export {
  errorText,
  formatIssue,
  formatPath,
  type Issue,
  LavaError,
  type LavaErrorOptions,
} from "./errors.ts";
export { fnmatch } from "./fnmatch.ts";
export { inParallel } from "./in-parallel.ts";
export { parseJson } from "./json.ts";
export { type LogFields, type Logger, nullLogger } from "./logger.ts";
export { createRedactor, type Redactor } from "./redact.ts";
export { quoteShellWord, splitShellWords } from "./shell-words.ts";
export { formatSize, parseSize } from "./size.ts";
export { suggest } from "./suggest.ts";
export { formatLocalTime, formatUtcTime } from "./time.ts";
