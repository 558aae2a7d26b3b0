export { checkHistory, formatViolation, properties } from "./check-history.ts";
export { markPayload, readMarks } from "./marks.ts";
export { listAllRuns, observe, readHistory, type ReadHistoryOptions } from "./read-history.ts";
export type { Guarantee, History, Mark, Observation, Property, Violation } from "./types.ts";
