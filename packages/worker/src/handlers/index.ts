import type { JobHandler } from "../handler.ts";

/** The job types that this worker knows, by name. */
export const builtinHandlers: Readonly<Record<string, JobHandler<never>>> = {};
