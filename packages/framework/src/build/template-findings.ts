import { errorText, LavaError } from "@lava/core";
import type { Finding } from "./types.ts";

/** Findings of whatever a template threw. */
export function templateFindings(error: unknown, source: string): Finding[] {
  if (!(error instanceof LavaError)) throw error;
  if (error.issues.length > 0) {
    return error.issues.map((issue) => ({ file: source, ...issue, severity: "error" as const }));
  }
  return [
    {
      severity: "error",
      path: [],
      code: "template_error",
      message: errorText(error),
      file: source,
    },
  ];
}
