import type { DataMap } from "@lava/core";
import { formatIssue } from "@lava/core";
import { validateSpec } from "@lava/spec";
import { checksumState } from "../checksum.ts";
import type { HealthCheck } from "./health-check.ts";

function schema(
  name: string,
  table: HealthCheck["table"],
  kind: "job" | "connection" | "s3trigger",
): HealthCheck {
  return {
    name,
    description: `${kind === "job" ? "Jobs" : kind === "connection" ? "Connections" : "S3 triggers"} that do not fit their schema.`,
    table,
    suppressible: true,
    check: async (item: DataMap) => {
      const result = validateSpec(kind, item);
      return result.ok ? [] : result.issues.map(formatIssue);
    },
  };
}

export const conschema = schema("conschema", "connections", "connection");
export const jobschema = schema("jobschema", "jobs", "job");
export const trigschema = schema("trigschema", "s3triggers", "s3trigger");

/** Entries that were changed since their checksum was made. */
export const jobchk: HealthCheck = {
  name: "jobchk",
  description: "Jobs that were changed since they were deployed (x-lava-chk).",
  table: "jobs",
  suppressible: true,
  check: async (item) => {
    const { state, message } = checksumState(item);
    return state === "bad" ? [message] : [];
  },
};
