import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorText, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import { inParallel } from "../in-parallel.ts";
import { type Backup, openBackup } from "./backup.ts";
import { sameData, withoutTracking } from "./compare.ts";
import { saveManifest } from "./manifest.ts";
import { TABLE_KINDS, tableOf } from "./tables.ts";
import type {
  DeployedManifest,
  DeployOptions,
  DeployResult,
  DeployStep,
  ItemChange,
  PayloadChange,
  Plan,
} from "./types.ts";

const PARALLEL = 8;

/** One thing to do, and what it is about. */
interface Task {
  readonly step: Omit<DeployStep, "outcome" | "reason">;
  /** @returns whether there was anything to do */
  run(): Promise<"done" | "already" | "conflict">;
}

/**
 * Carries out a plan: payloads, connections, jobs, triggers; deletes last and the other way round, so that nothing
 * can start before it is complete (FW-249). What changed since the plan was made is left alone and reported. The
 * first failure stops what has not begun. Safe to run again.
 */
export async function deployPlan(
  plan: Plan,
  realm: Realm,
  options: DeployOptions = {},
): Promise<DeployResult> {
  const time = new Date(realm.clock.now()).toISOString().replaceAll(":", "").replace(".", "-");
  const backup = openBackup(plan.dist, time);
  const uploaded = new Map<string, string>();
  const phases = planPhases(plan, realm, backup, uploaded);
  const total = phases.reduce((sum, phase) => sum + phase.length, 0);
  const steps: DeployStep[] = [];
  let stopped = false;
  for (const phase of phases) {
    await inParallel(phase, PARALLEL, async (task) => {
      if (stopped || options.signal?.aborted === true) {
        steps.push({ ...task.step, outcome: "not_tried" });
        return;
      }
      const step = await carryOut(task);
      if (step.outcome === "failed") stopped = true;
      steps.push(step);
      options.onProgress?.({ done: steps.length, total, step });
    });
  }
  await saveManifest(realm, whatIsOwned(plan, steps, uploaded));
  const ok = steps.every(({ outcome }) => outcome === "done" || outcome === "already");
  return { ok, steps, backup: backup.folder, record: await keepRecord(plan, time, steps) };
}

async function carryOut(task: Task): Promise<DeployStep> {
  try {
    const outcome = await task.run();
    const reason =
      outcome === "conflict" ? "changed since the plan was made; left as it is" : undefined;
    return { ...task.step, outcome, reason };
  } catch (error) {
    return { ...task.step, outcome: "failed", reason: errorText(error) };
  }
}

/** The plan's steps in groups that may run together, one group after the other. */
function planPhases(
  plan: Plan,
  realm: Realm,
  backup: Backup,
  uploaded: Map<string, string>,
): Task[][] {
  const puts = plan.items.filter(({ action }) => action !== "delete");
  const deletes = plan.items.filter(({ action }) => action === "delete");
  const item = (change: ItemChange): Task => itemTask(change, realm, backup);
  const payload = (change: PayloadChange): Task => payloadTask(change, realm, backup, uploaded);
  return [
    plan.payloads.filter(({ action }) => action !== "delete").map(payload),
    ...TABLE_KINDS.map((kind) => puts.filter((change) => change.kind === kind).map(item)),
    ...TABLE_KINDS.toReversed().map((kind) =>
      deletes.filter((change) => change.kind === kind).map(item),
    ),
    plan.payloads.filter(({ action }) => action === "delete").map(payload),
  ];
}

function itemTask(change: ItemChange, realm: Realm, backup: Backup): Task {
  const { kind, id, action, before, after } = change;
  return {
    step: { kind, id, action },
    async run() {
      const table = tableOf(realm, kind);
      if (table === undefined)
        throw new LavaError("CANNOT_DEPLOY", `There is no table for ${kind} ${id}`);
      if (before !== undefined) await backup.item(kind, id, before);
      try {
        if (after === undefined) await table.delete(id, { expected: before ?? null });
        else await table.put(after, { expected: before ?? null });
        return "done";
      } catch (error) {
        if (!(error instanceof LavaError && error.code === "RECORD_CHANGED")) throw error;
        const now = await table.getItem(id);
        const already =
          after === undefined
            ? now === undefined
            : now !== undefined && sameData(withoutTracking(now), withoutTracking(after));
        return already ? "already" : "conflict";
      }
    },
  };
}

function payloadTask(
  change: PayloadChange,
  realm: Realm,
  backup: Backup,
  uploaded: Map<string, string>,
): Task {
  const { key, action, file, beforeEtag, md5 } = change;
  return {
    step: { kind: "payload", id: key, action },
    async run() {
      const now = await realm.payloads.head(key);
      if (file === undefined && now === undefined) return "already";
      if (file !== undefined && now !== undefined && now.etag === md5) {
        uploaded.set(key, now.etag);
        return "already";
      }
      if (now?.etag !== beforeEtag) return "conflict";
      if (now !== undefined) await backup.payload(realm, key);
      if (file === undefined) {
        await realm.payloads.delete([key]);
        return "done";
      }
      await realm.payloads.put(key, { file });
      const stored = await realm.payloads.head(key);
      if (stored !== undefined) uploaded.set(key, stored.etag);
      return "done";
    },
  };
}

/** What the project owns after these steps, good and bad. */
function whatIsOwned(
  plan: Plan,
  steps: readonly DeployStep[],
  uploaded: ReadonlyMap<string, string>,
): DeployedManifest {
  const undone = steps.filter(({ outcome }) => outcome !== "done" && outcome !== "already");
  const missing = new Set(
    undone.filter(({ action }) => action === "create").map(({ kind, id }) => `${kind} ${id}`),
  );
  // What could not be deleted is the project's still, unless it was found to be somebody else's.
  const left = undone.filter(
    ({ action, outcome }) => action === "delete" && outcome !== "conflict",
  );
  const leftItems = left.flatMap(({ kind, id }) => (kind === "payload" ? [] : [{ kind, id }]));
  const leftPayloads = left.flatMap(({ kind, id }) =>
    kind === "payload" ? [{ key: id, sha256: "" }] : [],
  );
  return {
    ...plan.owned,
    items: [
      ...plan.owned.items.filter(({ kind, id }) => !missing.has(`${kind} ${id}`)),
      ...leftItems,
    ],
    payloads: [
      ...plan.owned.payloads
        .filter(({ key }) => !missing.has(`payload ${key}`))
        .map((payload) => ({ ...payload, etag: uploaded.get(payload.key) ?? payload.etag })),
      ...leftPayloads,
    ],
  };
}

/** Writes down what was done, beside the build. */
async function keepRecord(plan: Plan, time: string, steps: readonly DeployStep[]): Promise<string> {
  const folder = join(plan.dist, ".deployments");
  const file = join(folder, `${time}.json`);
  const { purpose, project, env, realm } = plan;
  await mkdir(folder, { recursive: true });
  await writeFile(
    file,
    `${JSON.stringify({ purpose, project, env, realm, time, steps }, null, 2)}\n`,
  );
  return file;
}
