import type { DeployStep } from "./types.ts";

/** One thing to do, and what it is about. */
export interface Task {
  readonly step: Omit<DeployStep, "outcome" | "reason">;
  run(): Promise<"done" | "already" | "conflict">;
}
