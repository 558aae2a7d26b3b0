import { type DataMap, inParallel } from "@lava/core";
import type { Realm } from "@lava/realm";
import { isScheduleOf } from "@lava/scheduler";
import type { ProjectSettings } from "../project-settings.ts";
import { fieldChanges, sameData, withoutTracking } from "./compare.ts";
import { backupName } from "./deployments.ts";
import { effectsOf } from "./effects.ts";
import { planSchedules } from "./eventbridge-schedules.ts";
import { latestImage, repositoryTags } from "./images/registry.ts";
import { openInvokePermissions } from "./invoke-permissions.ts";
import { isHalfMade } from "./is-half-made.ts";
import { isUploadOf } from "./is-upload.ts";
import { type ExtrasInput, planExtras } from "./plan-extras.ts";
import { tableOf } from "./tables.ts";
import type {
  DeployedManifest,
  Deployment,
  Effect,
  ImageChange,
  ItemChange,
  PayloadChange,
  Plan,
  PlanRefusal,
  ScheduleChange,
} from "./types.ts";

const PARALLEL = 16;

/** Options of {@link rollbackPlan}. */
export interface RollbackOptions {
  /** Also restores what somebody has changed since the deployment. */
  readonly force?: boolean | undefined;
  /** Of the project; with them the plan has next fire times and what breaks. */
  readonly settings?: ProjectSettings | undefined;
}

/**
 * Plans the way back to how things were before a deployment: every item and payload that its record says it changed.
 * Where it failed or was killed in the middle of a step, how things are now tells. What it has not come to, what others
 * had done already, and what it left alone is none of its doing, `force` or not; what has been changed since is left
 * alone, unless `force` is given. Carried out by `deployPlan`; it can be rolled back in turn.
 */
export async function rollbackPlan(
  deployment: Deployment,
  realm: Realm,
  options: RollbackOptions = {},
): Promise<Plan> {
  const { plan } = deployment;
  const force = options.force === true;
  const effect = effectsOf(deployment);
  const items = await inParallel(plan.items, PARALLEL, async (change) => {
    const done = effect(change.kind, change.id, change.action);
    return done === "left" ? {} : await undoItem(change, done, realm, force);
  });
  const payloads = await inParallel(plan.payloads, PARALLEL, async (change) =>
    effect("payload", change.key, change.action) === "left"
      ? {}
      : await undoPayload(change, deployment, realm, force),
  );
  const images = await inParallel(plan.images ?? [], PARALLEL, async (change) =>
    effect("image", change.repository, change.action) === "left"
      ? {}
      : await undoImage(change, realm, force),
  );
  const all: readonly Undo<unknown>[] = [...items, ...payloads, ...images];
  const schedules = await undoSchedules(deployment, all, realm);
  const changes = items.flatMap((undo) => (undo.change === undefined ? [] : [undo.change]));
  const { settings } = options;
  return {
    ...plan,
    images: images.flatMap((undo) => (undo.change === undefined ? [] : [undo.change])),
    schedules: schedules.length === 0 ? undefined : schedules,
    purpose: "rollback",
    items: changes,
    payloads: payloads.flatMap((undo) => (undo.change === undefined ? [] : [undo.change])),
    refused: all.flatMap((undo) => (undo.refused === undefined ? [] : [undo.refused])),
    unchanged: {
      items: items.filter(isNothing).length,
      payloads: [...payloads, ...images].filter(isNothing).length,
    },
    skipped: [],
    orphans: [],
    warnings: [],
    ...(settings === undefined
      ? { fireTimes: [], breaks: [] }
      : await planExtras({ changes, items: itemsAfter(changes), settings }, realm)),
    owned: ownedAfter(deployment),
  };
}

/** What a rollback brings back. */
function itemsAfter(changes: readonly ItemChange[]): ExtrasInput["items"] {
  return changes.flatMap(({ kind, id, after }) =>
    after === undefined ? [] : [{ kind, id, data: after }],
  );
}

/**
 * What the project owned before. The record may have been made after an earlier try of the same plan that was killed:
 * what the plan made was not there before, and what it deletes was.
 */
function ownedAfter({ plan, ownedBefore }: Deployment): DeployedManifest {
  const touched = new Set([
    ...plan.items.filter(isMadeOrGone).map(({ kind, id }) => `${kind} ${id}`),
    ...plan.payloads.filter(isMadeOrGone).map(({ key }) => `payload ${key}`),
  ]);
  const items = plan.items.filter(({ action }) => action === "delete");
  const payloads = plan.payloads.filter(({ action }) => action === "delete");
  return {
    ...ownedBefore,
    items: [
      ...ownedBefore.items.filter(({ kind, id }) => !touched.has(`${kind} ${id}`)),
      ...items.map(({ kind, id }) => ({ kind, id })),
    ],
    payloads: [
      ...ownedBefore.payloads.filter(({ key }) => !touched.has(`payload ${key}`)),
      ...payloads.map(({ key, beforeEtag }) => ({ key, sha256: "", etag: beforeEtag })),
    ],
  };
}

/**
 * The schedules of jobs as they were, also of jobs that a deployment had not come to or left alone: schedules are made
 * before their jobs.
 */
async function undoSchedules(
  { plan: { items }, steps }: Deployment,
  undone: readonly Undo<unknown>[],
  realm: Realm,
): Promise<ScheduleChange[]> {
  const left = new Set(
    undone.flatMap(({ refused }) => (refused?.kind === "job" ? [refused.id] : [])),
  );
  const effect = effectsOf({ steps });
  const changed = steps.filter((step) => step.kind === "schedule" && step.effect !== "left");
  const back: ItemChange[] = [];
  for (const change of items) {
    const { kind, id, action, before, after } = change;
    if (kind !== "job" || left.has(id)) continue;
    if (effect(kind, id, action) !== "left") back.push({ ...change, before: after, after: before });
    // It is as somebody else has it.
    else if (changed.some((step) => isScheduleOf(id, step.id)))
      back.push({ ...change, before: after, after: await realm.jobs.getItem(id) });
  }
  return await planSchedules(back, realm);
}

function isMadeOrGone({ action }: ItemChange | PayloadChange): boolean {
  return action !== "update";
}

/** `latest` is what it was, by the other tag of that image; a repository that was made goes (FW-203). */
async function undoImage(
  { action, repository, tag, before, beforeTag }: ImageChange,
  realm: Realm,
  force: boolean,
): Promise<Undo<ImageChange>> {
  const now = await latestImage(realm, repository);
  if (now?.digest === before) {
    // A deployment that was killed may have made the repository, and pushed to it, without `latest`.
    const left = before === undefined ? await repositoryTags(realm, repository) : undefined;
    const isOurs = left?.every((name) => tag !== undefined && name.startsWith(tag)) === true;
    return isOurs ? { change: { action: "delete", repository } } : {};
  }
  const refuse = (reason: string): Undo<ImageChange> => ({
    refused: { kind: "image", id: repository, reason },
  });
  if (action === "delete")
    return refuse("its repository was deleted with its images: push them again");
  const asDeployed = tag !== undefined && now?.tags.includes(tag) === true;
  if (!asDeployed && !force) return refuse(CHANGED);
  if (before === undefined)
    return { change: { action: "delete", repository, before: now?.digest } };
  if (beforeTag === undefined) return refuse("the image that it replaced has no other tag");
  return {
    change: {
      action: now === undefined ? "create" : "update",
      repository,
      tag: beforeTag,
      before: now?.digest,
      beforeTag: tag,
    },
  };
}

/** What undoing one change takes: a change, a refusal, or nothing. */
interface Undo<T> {
  readonly change?: T;
  readonly refused?: PlanRefusal;
}

function isNothing(undo: Undo<unknown>): boolean {
  return undo.change === undefined && undo.refused === undefined;
}

const CHANGED = "has been changed since; --force restores it all the same";

async function undoItem(
  change: ItemChange,
  effect: Effect,
  realm: Realm,
  force: boolean,
): Promise<Undo<ItemChange>> {
  const { kind, id, before, after } = change;
  const now = await tableOf(realm, kind).getItem(id);
  if (same(now, before))
    return kind === "rule" && after !== undefined ? await undoPermissions(change, realm) : {};
  const isOurs =
    same(now, after) || (effect === "unknown" && kind === "rule" && isHalfMade(now, before, after));
  if (!isOurs && !force) return { refused: { kind, id, reason: CHANGED } };
  const action = before === undefined ? "delete" : now === undefined ? "create" : "update";
  const changes = before === undefined ? [] : fieldChanges(now ?? {}, before);
  const revokes = kind === "rule" ? { revokes: after ?? now } : {};
  return { change: { action, kind, id, changes, before: now, after: before, ...revokes } };
}

/** A deployment that was killed may have given permissions for a rule that it had not come to. */
async function undoPermissions(
  { kind, id, before, after = {} }: ItemChange,
  realm: Realm,
): Promise<Undo<ItemChange>> {
  const permissions = openInvokePermissions(realm);
  const kept = before === undefined ? [] : await permissions.given(before);
  const left = (await permissions.given(after)).filter((arn) => !kept.includes(arn));
  if (left.length === 0) return {};
  const action = before === undefined ? "delete" : "update";
  const note = `takes back that it may call ${left.join(", ")}`;
  return { change: { action, kind, id, changes: [], before, after: before, revokes: after, note } };
}

function same(a: DataMap | undefined, b: DataMap | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameData(withoutTracking(a), withoutTracking(b));
}

async function undoPayload(
  change: PayloadChange,
  deployment: Deployment,
  realm: Realm,
  force: boolean,
): Promise<Undo<PayloadChange>> {
  const { key, action, beforeEtag } = change;
  const now = await realm.payloads.head(key);
  if (now?.etag === beforeEtag) return {};
  const asDeployed =
    action === "delete" ? now === undefined : now !== undefined && isUploadOf(now, change);
  if (!asDeployed && !force) {
    return { refused: { kind: "payload", id: key, reason: CHANGED } };
  }
  const size = now?.size ?? 0;
  if (beforeEtag === undefined) {
    return { change: { action: "delete", key, size, beforeEtag: now?.etag } };
  }
  const copyOf = backupName(deployment, key);
  const kept = await realm.payloads.head(copyOf);
  if (kept === undefined) {
    const reason = `what it replaced is no longer kept at ${realm.payloads.uri(copyOf)}`;
    return { refused: { kind: "payload", id: key, reason } };
  }
  return {
    change: {
      action: now === undefined ? "create" : "update",
      key,
      copyOf,
      size: kept.size,
      sha256: kept.metadata["sha256"],
      md5: kept.etag,
      beforeEtag: now?.etag,
    },
  };
}
