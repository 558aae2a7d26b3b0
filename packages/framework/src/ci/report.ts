import type { Finding } from "../build/types.ts";
import type { DeployResult, Plan } from "../deploy/types.ts";

/** One step of a pipeline and how it went. */
export interface CiStep {
  readonly name: "check" | "build" | "plan" | "deploy";
  readonly status: "passed" | "failed" | "skipped";
  readonly seconds: number;
  /** One line: "412 components, 2 warnings". */
  readonly summary: string;
  readonly findings: readonly Finding[];
}

/** What a pipeline did with one environment of a project. */
export interface CiReport {
  readonly project: string;
  readonly env: string;
  /** ISO 8601. */
  readonly started: string;
  readonly ok: boolean;
  readonly steps: readonly CiStep[];
  /** Without the items themselves. */
  readonly plan?: Plan | undefined;
  readonly deployed?: DeployResult | undefined;
}
