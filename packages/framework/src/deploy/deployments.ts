import { randomBytes } from "node:crypto";
import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import * as z from "zod";
import { journalName, stepsOfKilled } from "./effects.ts";
import { fromText, manifestSchema, planSchema, toText } from "./plan-text.ts";
import type { Deployment } from "./types.ts";

const stepSchema = z.object({
  kind: z.enum(["connection", "job", "s3trigger", "rule", "payload", "image", "schedule"]),
  id: z.string(),
  action: z.enum(["create", "update", "delete"]),
  outcome: z.enum(["done", "already", "conflict", "failed", "begun", "not_tried"]),
  reason: z.string().optional(),
  effect: z.enum(["created", "replaced", "deleted", "left", "unknown"]).optional(),
});

const deploymentSchema: z.ZodType<Deployment> = z.object({
  version: z.literal(1),
  id: z.string(),
  state: z.enum(["running", "complete", "failed"]),
  started: z.string(),
  finished: z.string().optional(),
  user: z.string(),
  host: z.string(),
  plan: planSchema,
  ownedBefore: manifestSchema,
  steps: z.array(stepSchema),
});

/** Id of a deployment that begins now. */
export function newDeploymentId(now: number): string {
  const time = new Date(now).toISOString().replace(/[-:.Z]/g, "");
  return `${time}-${randomBytes(2).toString("hex")}`;
}

function folderOf(project: string, env: string): string {
  return `__fwk__/deployments/${encodeURIComponent(project)}/${encodeURIComponent(env)}/`;
}

/** Name below the payload area where what a deployment replaced is kept (FW-243). */
export function backupName(deployment: Pick<Deployment, "id" | "plan">, key: string): string {
  const { prefix } = deployment.plan;
  return key.startsWith(`${prefix}/`)
    ? `__bak__/${prefix}/${deployment.id}/${key.slice(prefix.length + 1)}`
    : `__bak__/${deployment.id}/${key}`;
}

/** Writes the record of a deployment. */
export async function saveDeployment(realm: Realm, deployment: Deployment): Promise<void> {
  const { project, env } = deployment.plan;
  await realm.payloads.put(`${folderOf(project, env)}${deployment.id}.json`, toText(deployment));
}

/** Ids of the deployments of a project that are kept, the newest first. */
export async function listDeployments(
  realm: Realm,
  project: string,
  env: string,
): Promise<string[]> {
  const folder = folderOf(project, env);
  const objects = await realm.payloads.list(folder);
  return objects
    .map(({ name }) => name.slice(folder.length).replace(/\.json$/, ""))
    .toSorted()
    .toReversed();
}

/**
 * The record of a deployment; of one that was killed, with the steps that it had come to.
 *
 * @throws {LavaError} NO_SUCH_DEPLOYMENT, BAD_DEPLOYMENT
 */
export async function loadDeployment(
  realm: Realm,
  project: string,
  env: string,
  id: string,
): Promise<Deployment> {
  const name = `${folderOf(project, env)}${id}.json`;
  const content = await realm.payloads.get(name);
  if (content === undefined) {
    throw new LavaError(
      "NO_SUCH_DEPLOYMENT",
      `There is no deployment ${id} of ${project} (${env}) in realm ${realm.name}`,
      { hint: `\`lava history --env ${env}\` lists those that are kept.` },
    );
  }
  const parsed = deploymentSchema.safeParse(fromText(new TextDecoder().decode(content)));
  if (parsed.success) {
    const { data } = parsed;
    return data.state === "running" ? { ...data, steps: await stepsOfKilled(realm, data) } : data;
  }
  throw new LavaError(
    "BAD_DEPLOYMENT",
    `${realm.payloads.uri(name)} is not a record of a deployment`,
    {
      cause: parsed.error,
      hint: "It was changed by hand or written by a newer version.",
    },
  );
}

/** Removes all but the newest `keep` records, with what those deployments replaced. */
export async function pruneDeployments(
  realm: Realm,
  project: string,
  env: string,
  keep: number,
): Promise<void> {
  const old = (await listDeployments(realm, project, env)).slice(keep);
  for (const id of old) {
    const deployment = await loadDeployment(realm, project, env, id);
    const names = deployment.plan.payloads
      .filter(({ beforeEtag }) => beforeEtag !== undefined)
      .map(({ key }) => backupName(deployment, key));
    await realm.payloads.delete([
      ...names,
      journalName(deployment),
      `${folderOf(project, env)}${id}.json`,
    ]);
  }
}
