import { formatSize } from "@lava/core";
import type { Finding } from "../types.ts";

/** Sizes beyond which workers refuse a payload unless their realm's configuration says otherwise (FW-173). */
const LIMITS = {
  exe: [10_000_000, "EXE_MAX_PAYLOAD_SIZE"],
  pkg: [20_000_000, "PKG_MAX_PAYLOAD_SIZE"],
  sql: [100_000, "SQL_MAX_PAYLOAD_SIZE"],
} as const;

/** A warning when a payload is larger than what workers take by default. */
export function oversize(job: keyof typeof LIMITS, size: number, file: string): Finding[] {
  const [limit, key] = LIMITS[job];
  if (size <= limit) return [];
  return [
    {
      severity: "warning",
      path: [],
      code: "payload_too_large",
      message: `the payload has ${formatSize(size)}, and workers take ${formatSize(limit)} unless ${key} of the realm says more`,
      file,
    },
  ];
}
