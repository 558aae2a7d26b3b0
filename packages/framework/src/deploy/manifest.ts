import { isMap, LavaError, parseJson } from "@lava/core";
import type { Realm } from "@lava/realm";
import { manifestSchema } from "./plan-text.ts";
import type { DeployedManifest } from "./types.ts";

/** Where a project keeps what it has deployed, below the payload area (FW-247). */
export function manifestName(project: string, env: string): string {
  return `__fwk__/manifest/${encodeURIComponent(project)}/${encodeURIComponent(env)}.json`;
}

/**
 * What a project has deployed into a realm so far; empty when it never has.
 *
 * @throws {LavaError} BAD_MANIFEST
 */
export async function loadManifest(
  realm: Realm,
  project: string,
  env: string,
): Promise<DeployedManifest> {
  const name = manifestName(project, env);
  const content = await realm.payloads.get(name);
  if (content === undefined) return { version: 1, project, env, items: [], payloads: [] };
  const data = parseJson(new TextDecoder().decode(content));
  const parsed = manifestSchema.safeParse(isMap(data) ? data : undefined);
  if (!parsed.success) {
    throw new LavaError(
      "BAD_MANIFEST",
      `${realm.payloads.uri(name)} is not a record of deployments`,
      {
        hint: "It was changed by hand or written by a newer version. Move it away to start a new one; nothing is deleted then.",
      },
    );
  }
  return parsed.data;
}

/** Keeps what a project has deployed; an empty record goes away. */
export async function saveManifest(realm: Realm, deployed: DeployedManifest): Promise<void> {
  const name = manifestName(deployed.project, deployed.env);
  const { items, payloads, images = [] } = deployed;
  if (items.length === 0 && payloads.length === 0 && images.length === 0)
    await realm.payloads.delete([name]);
  else await realm.payloads.put(name, `${JSON.stringify(deployed, null, 2)}\n`);
}

/** What two records own together: written before a deployment begins, so that nothing is without an owner if it is killed. */
export function ownedByEither(before: DeployedManifest, after: DeployedManifest): DeployedManifest {
  const items = new Map(
    [...before.items, ...after.items].map((item) => [`${item.kind} ${item.id}`, item]),
  );
  const payloads = new Map(
    [...after.payloads, ...before.payloads].map((payload) => [payload.key, payload]),
  );
  const images = [...(before.images ?? []), ...(after.images ?? [])];
  const repositories = new Map(images.map((image) => [image.repository, image]));
  return {
    ...after,
    items: [...items.values()],
    payloads: [...payloads.values()],
    ...(images.length === 0 ? {} : { images: [...repositories.values()] }),
  };
}
