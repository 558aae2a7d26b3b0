import { inParallel, type Issue, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import { sameData, withoutTracking } from "./compare.ts";
import { latestImage } from "./images/registry.ts";
import { isHalfMade } from "./is-half-made.ts";
import { isUploadOf } from "./is-upload.ts";
import { tableOf } from "./tables.ts";
import type { ImageChange, ItemChange, PayloadChange, Plan } from "./types.ts";

const PARALLEL = 8;

/**
 * Looks whether a saved plan still fits: each thing that it changes is as the plan saw it, or as the plan makes it, as a
 * deployment leaves it that was killed. What changes after this look is left alone by the deployment itself.
 *
 * @throws {LavaError} STALE_PLAN, with all that does not fit
 */
export async function checkFresh(plan: Plan, realm: Realm): Promise<void> {
  const issues: Issue[] = [];
  const note = (what: string, fits: boolean): void => {
    if (fits) return;
    const message = `${what} was changed since the plan was made`;
    issues.push({ path: [], code: "changed_since_plan", message });
  };
  await inParallel(plan.items, PARALLEL, async (change) => {
    note(`${change.kind} ${change.id}`, await itemFits(change, realm));
  });
  await inParallel(plan.payloads, PARALLEL, async (change) => {
    note(`payload ${change.key}`, await payloadFits(change, realm));
  });
  await inParallel(plan.images ?? [], PARALLEL, async (change) => {
    note(`image ${change.repository}`, await imageFits(change, realm));
  });
  if (issues.length === 0) return;
  throw new LavaError(
    "STALE_PLAN",
    `The plan for environment ${plan.env} is out of date; nothing was changed`,
    { issues, hint: "Plan again, and look at what would happen now." },
  );
}

async function itemFits({ kind, id, before, after }: ItemChange, realm: Realm): Promise<boolean> {
  const now = await tableOf(realm, kind).getItem(id);
  if (now === undefined) return before === undefined || after === undefined;
  if (before !== undefined && sameData(now, before)) return true;
  if (after !== undefined && sameData(withoutTracking(now), withoutTracking(after))) return true;
  return kind === "rule" && isHalfMade(now, before, after);
}

async function payloadFits(change: PayloadChange, realm: Realm): Promise<boolean> {
  const now = await realm.payloads.head(change.key);
  if (now?.etag === change.beforeEtag) return true;
  return now === undefined ? change.action === "delete" : isUploadOf(now, change);
}

async function imageFits(
  { action, before, repository, tag }: ImageChange,
  realm: Realm,
): Promise<boolean> {
  const now = await latestImage(realm, repository);
  if (now?.digest === before) return true;
  if (now === undefined) return action === "delete";
  return tag !== undefined && now.tags.includes(tag);
}
