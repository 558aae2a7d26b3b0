import { join } from "node:path";
import type { Realm } from "@lava/realm";
import { loadEnvironment } from "../environment.ts";
import type { Project } from "../project.ts";
import { loadManifest } from "./manifest.ts";
import { planExtras } from "./plan-extras.ts";
import { deletion, ownedItems, ownedPayloads } from "./plan.ts";
import type { Plan } from "./types.ts";

/**
 * Plans the removal of all that a project owns in a realm: what it has deployed, under whatever id, and what is still
 * its own (FW-255, FW-256). Carried out by `deployPlan`.
 */
export async function uninstallPlan(project: Project, env: string, realm: Realm): Promise<Plan> {
  const deployed = await loadManifest(realm, project.id, env);
  const items = await ownedItems(realm, project.id, deployed.items);
  return {
    purpose: "uninstall",
    project: project.id,
    env,
    realm: realm.name,
    prefix: (await loadEnvironment(project, env)).prefix.payload,
    dist: join(project.dir, "dist", env),
    payloadArea: realm.payloads.uri("").replace(/\/$/, ""),
    items,
    payloads: (await ownedPayloads(realm, deployed.payloads)).map(deletion),
    unchanged: { items: 0, payloads: 0 },
    skipped: [],
    orphans: [],
    refused: [],
    warnings: [],
    ...(await planExtras({ changes: items, items: [], settings: project.settings }, realm)),
    owned: { version: 1, project: project.id, env, items: [], payloads: [] },
  };
}
