import { join } from "node:path";
import type { Realm } from "@lava/realm";
import { selectionOf } from "../build/only.ts";
import { loadEnvironment } from "../environment.ts";
import type { Project } from "../project.ts";
import { imageDeletions } from "./images/plan-images.ts";
import { loadManifest } from "./manifest.ts";
import { planExtras } from "./plan-extras.ts";
import { deletion, endpointOf, ownedItems, ownedPayloads } from "./plan.ts";
import type { Plan } from "./types.ts";

/**
 * Plans the removal of all that a project owns in a realm: what it has deployed, under whatever id, and what is still
 * its own (FW-255, FW-256). Carried out by `deployPlan`.
 */
export async function uninstallPlan(
  project: Project,
  env: string,
  realm: Realm,
  options: {
    /** Only what has these ids, or below the payload area these names; globs (FW-235). */
    readonly only?: readonly string[] | undefined;
  } = {},
): Promise<Plan> {
  const selection = selectionOf(options.only);
  const all = await loadManifest(realm, project.id, env);
  const isMeant = (id: string): boolean => selection === undefined || selection.matchesId(id);
  const deployed = {
    items: all.items.filter(({ id }) => isMeant(id)),
    payloads: all.payloads.filter(({ key }) => isMeant(key)),
  };
  const repositories = (all.images ?? []).map(({ repository }) => repository);
  const images = await imageDeletions(repositories.filter(isMeant), realm);
  const otherImages = repositories.filter((repository) => !isMeant(repository));
  const items = await ownedItems(realm, project.id, deployed.items);
  return {
    purpose: "uninstall",
    project: project.id,
    env,
    realm: realm.name,
    prefix: (await loadEnvironment(project, env)).prefix.payload,
    dist: join(project.dir, "dist", env),
    payloadArea: realm.payloads.uri("").replace(/\/$/, ""),
    ...endpointOf(realm),
    items,
    payloads: (await ownedPayloads(realm, deployed.payloads)).map(deletion),
    ...(images.length === 0 ? {} : { images }),
    unchanged: { items: 0, payloads: 0 },
    skipped: [],
    orphans: [],
    refused: [],
    warnings: [],
    ...(await planExtras({ changes: items, items: [], settings: project.settings }, realm)),
    owned: {
      version: 1,
      project: project.id,
      env,
      items: all.items.filter(({ id }) => !isMeant(id)),
      payloads: all.payloads.filter(({ key }) => !isMeant(key)),
      ...(otherImages.length === 0
        ? {}
        : { images: otherImages.map((repository) => ({ repository })) }),
    },
  };
}
