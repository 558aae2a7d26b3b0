import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { BuildResult } from "../build/types.ts";
import type { Plan, PlanOptions } from "./types.ts";

/** Compares a build with its realm: what a deployment would do. Nothing is written. */
export async function planDeployment(
  build: BuildResult,
  realm: Realm,
  _options: PlanOptions = {},
): Promise<Plan> {
  throw new LavaError("PLAN_FAILED", `${build.dist} ${realm.name}`);
}
