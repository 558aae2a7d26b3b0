import { type DataMap, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { ProjectHost } from "../project.ts";
import { sameData, withoutTracking } from "./compare.ts";
import { imageTask } from "./images/image-task.ts";
import { openInvokePermissions } from "./invoke-permissions.ts";
import { isHalfMade } from "./is-half-made.ts";
import { isUploadOf } from "./is-upload.ts";
import { ITEM_KINDS, tableOf } from "./tables.ts";
import type { Task } from "./task.ts";
import type { ImageChange, ItemChange, PayloadChange, Plan, ScheduleChange } from "./types.ts";

/**
 * A plan's steps in groups that may run together, one group after the other.
 *
 * @param uploaded Gets the ETag of each payload that is there in the end
 * @param schedules Of EventBridge Scheduler: before the jobs, so that a deployment that is killed finds them again
 * @param environ Of docker, which pushes images
 * @param isResumed Whether a deployment was killed before: what it left half made is not somebody else's change
 */
export function planTasks(
  plan: Plan,
  realm: Realm,
  uploaded: Map<string, string>,
  environ: ProjectHost["environ"] = {},
  schedules: readonly ScheduleChange[] = [],
  isResumed = false,
): Task[][] {
  const images = plan.images ?? [];
  const image = (change: ImageChange): Task => imageTask(change, realm, environ);
  const puts = plan.items.filter(({ action }) => action !== "delete");
  const deletes = plan.items.filter(({ action }) => action === "delete");
  const item = (change: ItemChange): Task => itemTask(change, realm, isResumed);
  const payload = (change: PayloadChange): Task => payloadTask(change, realm, uploaded);
  return [
    images.filter(({ action }) => action !== "delete").map(image),
    plan.payloads.filter(({ action }) => action !== "delete").map(payload),
    schedules.map((change) => scheduleTask(change, realm)),
    ...ITEM_KINDS.map((kind) => puts.filter((change) => change.kind === kind).map(item)),
    ...ITEM_KINDS.toReversed().map((kind) =>
      deletes.filter((change) => change.kind === kind).map(item),
    ),
    plan.payloads.filter(({ action }) => action === "delete").map(payload),
    images.filter(({ action }) => action === "delete").map(image),
  ];
}

function scheduleTask({ action, name, schedule }: ScheduleChange, realm: Realm): Task {
  return {
    step: { kind: "schedule", id: name, action },
    async run() {
      if (schedule === undefined)
        return (await realm.scheduleGroup.delete(name)) ? "done" : "already";
      await realm.scheduleGroup.put(schedule);
      return "done";
    },
  };
}

function itemTask(change: ItemChange, realm: Realm, isResumed: boolean): Task {
  const { kind, id, action, before, after, revokes = before } = change;
  return {
    step: { kind, id, action },
    async run() {
      const permissions = kind === "rule" ? openInvokePermissions(realm) : undefined;
      // Before the rule is there: a deployment that is killed then leaves none that cannot call its functions.
      if (after !== undefined) await permissions?.allow(after);
      const outcome = await writeItem(change, realm, isResumed);
      if (outcome !== "conflict") {
        if (revokes !== undefined) await permissions?.revoke(revokes, after);
      } else if (permissions !== undefined && after !== undefined) {
        // The rule is somebody else's: it keeps what it calls, and no more.
        await permissions.revoke(after, await tableOf(realm, kind).getItem(id));
      }
      return outcome;
    },
  };
}

async function writeItem(
  { kind, id, before, after }: ItemChange,
  realm: Realm,
  isResumed: boolean,
): ReturnType<Task["run"]> {
  if (before === undefined && after === undefined) return "already";
  const table = tableOf(realm, kind);
  const write = async (expected: DataMap | null): Promise<"done"> => {
    if (after === undefined) await table.delete(id, { expected });
    else await table.put(after, { expected });
    return "done";
  };
  const writeOver = async (now: DataMap | undefined): ReturnType<Task["run"]> => {
    const already =
      after === undefined
        ? now === undefined
        : now !== undefined && sameData(withoutTracking(now), withoutTracking(after));
    if (already) return "already";
    const isOurs = isResumed && kind === "rule" && isHalfMade(now, before, after);
    return isOurs ? await write(now ?? null) : "conflict";
  };
  // A condition on a table sees what was changed or removed, but not what was added.
  if (before !== undefined && kind !== "rule") {
    const now = await table.getItem(id);
    if (now === undefined || !sameData(now, before)) return await writeOver(now);
  }
  try {
    return await write(before ?? null);
  } catch (error) {
    if (!isChanged(error)) throw error;
    return await writeOver(await table.getItem(id));
  }
}

/** Whether what is there was not as expected. */
function isChanged(error: unknown): boolean {
  return error instanceof LavaError && ["RECORD_CHANGED", "OBJECT_CHANGED"].includes(error.code);
}

function payloadTask(change: PayloadChange, realm: Realm, uploaded: Map<string, string>): Task {
  const { key, action, file, copyOf, sha256, beforeEtag } = change;
  const put = async (): Promise<void> => {
    if (copyOf !== undefined) await realm.payloads.copy(copyOf, key);
    else if (file !== undefined) {
      const metadata: Record<string, string> = sha256 === undefined ? {} : { sha256 };
      await realm.payloads.put(key, { file }, { metadata, expected: beforeEtag ?? null });
    }
    const stored = await realm.payloads.head(key);
    if (stored !== undefined) uploaded.set(key, stored.etag);
  };
  return {
    step: { kind: "payload", id: key, action },
    async run() {
      const now = await realm.payloads.head(key);
      if (action === "delete" && now === undefined) return "already";
      if (action !== "delete" && now !== undefined && isUploadOf(now, change)) {
        uploaded.set(key, now.etag);
        return "already";
      }
      if (now?.etag !== beforeEtag) return "conflict";
      if (action === "delete") await realm.payloads.delete([key]);
      else {
        try {
          await put();
        } catch (error) {
          if (isChanged(error)) return "conflict";
          throw error;
        }
      }
      return "done";
    },
  };
}
