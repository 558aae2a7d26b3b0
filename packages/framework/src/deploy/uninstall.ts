import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { Project } from "../project.ts";
import type { Plan } from "./types.ts";

/** Plans the removal of all that a project owns in a realm; carried out by {@link deployPlan}. */
export async function uninstallPlan(project: Project, env: string, realm: Realm): Promise<Plan> {
  throw new LavaError("PLAN_FAILED", `${project.dir} ${env} ${realm.name}`);
}
