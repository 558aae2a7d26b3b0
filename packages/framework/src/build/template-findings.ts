import { errorText, LavaError } from "@lava/core";
import type { Finding } from "./types.ts";

/** Findings of whatever a template threw. */
export function templateFindings(error: unknown, source: string): Finding[] {
  if (!(error instanceof LavaError)) throw error;
  if (error.issues.length > 0) {
    const notFound = isNotFound(error.cause) ? "template not found: " : "";
    return error.issues.map((issue) => ({
      file: source,
      ...issue,
      severity: "error" as const,
      message: `${notFound}${issue.message}`,
    }));
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

/** Jinja's own message is the name alone. */
function isNotFound(cause: unknown): boolean {
  return cause instanceof Error && Reflect.get(cause, "type") === "TemplateNotFound";
}
