import { isMap, LavaError, parseJson } from "@lava/core";
import type { Realm } from "@lava/realm";
import * as z from "zod";
import type { DeployedManifest } from "./types.ts";

const manifest = z.object({
  version: z.literal(1),
  project: z.string(),
  env: z.string(),
  items: z.array(
    z.object({ kind: z.enum(["connection", "job", "s3trigger", "rule"]), id: z.string() }),
  ),
  payloads: z.array(z.object({ key: z.string(), sha256: z.string(), etag: z.string().optional() })),
});

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
  const parsed = manifest.safeParse(isMap(data) ? data : undefined);
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
  if (deployed.items.length === 0 && deployed.payloads.length === 0)
    await realm.payloads.delete([name]);
  else await realm.payloads.put(name, `${JSON.stringify(deployed, null, 2)}\n`);
}
