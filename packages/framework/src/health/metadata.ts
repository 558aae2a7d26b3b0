import { type DataMap, isTruthy } from "@lava/core";
import type { HealthCheck } from "./health-check.ts";

/** Fields for people that an item lacks. */
export function missingMetadata(item: DataMap): string[] {
  return ["description", "owner"].filter((name) => !isTruthy(item[name]));
}

function metadata(name: string, table: HealthCheck["table"], what: string): HealthCheck {
  return {
    name,
    description: `${what} with missing metadata (e.g. description, owner).`,
    table,
    suppressible: false,
    check: async (item) => {
      const missing = missingMetadata(item);
      return missing.length === 0 ? [] : [`Missing: ${missing.join(", ")}`];
    },
  };
}

export const conmeta = metadata("conmeta", "connections", "Connections");
export const jobmeta = metadata("jobmeta", "jobs", "Jobs");
export const trigmeta = metadata("trigmeta", "s3triggers", "S3 triggers");
