import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { errorText, LavaError, inParallel } from "@lava/core";
import { isAccessDenied, type Realm } from "@lava/realm";
import { takeDeployLock } from "./deploy-lock.ts";
import {
  backupName,
  listDeployments,
  loadDeployment,
  newDeploymentId,
  pruneDeployments,
  saveDeployment,
} from "./deployments.ts";
import {
  effectOf,
  type EffectsJournal,
  journalName,
  openJournal,
  plannedSteps,
} from "./effects.ts";
import { planSchedules } from "./eventbridge-schedules.ts";
import { loadManifest, ownedByEither, saveManifest } from "./manifest.ts";
import type { Task } from "./task.ts";
import { planTasks } from "./tasks.ts";
import type {
  DeployedManifest,
  Deployment,
  DeployOptions,
  DeployResult,
  DeployStep,
  Plan,
  ScheduleChange,
} from "./types.ts";

const PARALLEL = 8;
const KEEP = 10;

/**
 * Carries out a plan under the lock of its prefix: payloads, connections, jobs, triggers, rules; deletes last and the
 * other way round, so that nothing can start before it is complete (FW-249). What changed since the plan was made is
 * left alone and reported. The first failure stops what has not begun, but for an uninstall.
 *
 * Before anything is changed, the plan with all that it replaces is written to the payload area. A deployment that
 * is killed is taken up by the same plan again, by a new one, or undone by `rollbackPlan`.
 *
 * @throws {LavaError} DEPLOYMENT_RUNNING, STALE_PLAN
 */
export async function deployPlan(
  plan: Plan,
  realm: Realm,
  options: DeployOptions,
): Promise<DeployResult> {
  await checkFiles(plan);
  await using lock = await takeDeployLock(realm, plan.prefix, options.by);
  const now = (): string => new Date(realm.clock.now()).toISOString();
  const ownedBefore = await loadManifest(realm, plan.project, plan.env);
  const earlier = await lastDeployment(plan, realm);
  const uploaded = new Map<string, string>();
  const tasks = planTasks(
    plan,
    realm,
    uploaded,
    options.environ,
    await schedulesOf(plan, realm),
    // With the lock in our hands, it never will end.
    earlier?.state === "running",
  );
  const deployment: Deployment = {
    version: 1,
    id: newDeploymentId(realm.clock.now()),
    state: "running",
    started: now(),
    ...options.by,
    plan,
    ownedBefore,
    steps: plannedSteps(
      tasks.flat().map(({ step }) => step),
      earlier,
      plan,
    ),
  };
  await keepPayloads(deployment, realm);
  await saveDeployment(realm, deployment);
  await saveManifest(realm, ownedByEither(ownedBefore, plan.owned));

  const signals = [lock.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const steps = await runTasks(tasks, deployment.steps, AbortSignal.any(signals), {
    onProgress: options.onProgress,
    // What can be removed is, whatever cannot (FW-257).
    stopsAtFailure: plan.purpose !== "uninstall",
    journal: openJournal(realm, deployment),
  });
  await announceJobs(steps, realm);
  const ok = steps.every(({ outcome }) => outcome === "done" || outcome === "already");

  await saveManifest(realm, whatIsOwned(plan, steps, uploaded));
  const state = ok ? "complete" : "failed";
  const before = deployment.steps.slice(steps.length);
  await saveDeployment(realm, {
    ...deployment,
    state,
    finished: now(),
    steps: [...steps, ...before],
  });
  await realm.payloads.delete([journalName(deployment)]);
  await pruneDeployments(realm, plan.project, plan.env, options.keep ?? KEEP);
  return { ok, deployment: deployment.id, steps };
}

async function lastDeployment(
  { project, env }: Plan,
  realm: Realm,
): Promise<Deployment | undefined> {
  const [newest] = await listDeployments(realm, project, env);
  if (newest === undefined) return undefined;
  try {
    return await loadDeployment(realm, project, env, newest);
  } catch (error) {
    // Of another version, say: then everything that is not as planned is somebody's change.
    if (error instanceof LavaError) return undefined;
    throw error;
  }
}

/** Those of the jobs that change, as they are now, and those that the plan puts right for jobs that do not. */
async function schedulesOf(plan: Plan, realm: Realm): Promise<readonly ScheduleChange[]> {
  const ids = new Set(plan.items.flatMap(({ kind, id }) => (kind === "job" ? [id] : [])));
  const others = (plan.schedules ?? []).filter(({ job }) => !ids.has(job));
  return [...(await planSchedules(plan.items, realm)), ...others];
}

/** Schedulers look at what was deployed within seconds; without this, after their next full look (design 8). */
async function announceJobs(steps: readonly DeployStep[], realm: Realm): Promise<void> {
  const jobs = steps
    .filter(({ kind, outcome }) => kind === "job" && outcome !== "not_tried")
    .map(({ id }) => id);
  try {
    await realm.schedule.announce(jobs);
  } catch (error) {
    realm.logger.warn(
      { realm: realm.name, error: errorText(error) },
      `Schedulers were not told of the changed jobs: ${errorText(error)}`,
    );
  }
}

async function runTasks(
  phases: readonly (readonly Task[])[],
  planned: readonly DeployStep[],
  signal: AbortSignal,
  options: Pick<DeployOptions, "onProgress"> & {
    readonly stopsAtFailure: boolean;
    readonly journal: EffectsJournal;
  },
): Promise<DeployStep[]> {
  const { journal } = options;
  const total = phases.flat().length;
  const steps: DeployStep[] = [];
  let stopped = false;
  let before = 0;
  for (const phase of phases) {
    const first = before;
    before += phase.length;
    await inParallel(phase, PARALLEL, async (task, position) => {
      const index = first + position;
      const earlier = planned[index]?.effect;
      if (stopped || signal.aborted) {
        steps.push({ ...task.step, outcome: "not_tried", effect: earlier });
        return;
      }
      const ended = await carryOut(task, () => journal.begin(index));
      journal.end(index, ended.outcome);
      const step = { ...ended, effect: effectOf(ended, earlier) };
      if (step.outcome === "failed" && options.stopsAtFailure) stopped = true;
      steps.push(step);
      options.onProgress?.({ done: steps.length, total, step });
    });
  }
  return steps;
}

async function carryOut(task: Task, begin: () => Promise<void>): Promise<DeployStep> {
  try {
    await begin();
    const outcome = await task.run();
    const reason =
      outcome === "conflict" ? "changed since the plan was made; left as it is" : undefined;
    return { ...task.step, outcome, reason };
  } catch (error) {
    const cause = error instanceof LavaError ? error.cause : error;
    const denied = isAccessDenied(error) || isAccessDenied(cause);
    const reason = denied ? `no permission: ${errorText(error)}` : errorText(error);
    return { ...task.step, outcome: "failed", reason };
  }
}

/** The files of a saved plan may have been built anew since: then it is not what was looked at. */
async function checkFiles(plan: Plan): Promise<void> {
  await inParallel(plan.payloads, PARALLEL, async ({ key, file, sha256 }) => {
    if (file === undefined || (await hashOf(file)) === sha256) return;
    throw new LavaError(
      "STALE_PLAN",
      `${file} (payload ${key}) is not what the plan was made for`,
      {
        hint: "Plan again; nothing was changed.",
      },
    );
  });
}

async function hashOf(file: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    for await (const part of createReadStream(file)) hash.update(part);
  } catch {
    return undefined;
  }
  return hash.digest("hex");
}

/**
 * Copies the payloads that are about to be replaced or deleted. What is not there as planned any more was replaced by
 * a deployment of this plan that was killed, which kept it; or by somebody else, and then it is left alone.
 */
async function keepPayloads(deployment: Deployment, realm: Realm): Promise<void> {
  const { project, env, payloads } = deployment.plan;
  const replaced = payloads.filter(({ beforeEtag }) => beforeEtag !== undefined);
  if (replaced.length === 0) return;
  const earlier = await listDeployments(realm, project, env);
  await inParallel(replaced, PARALLEL, async ({ key, beforeEtag }) => {
    const places = [key, ...earlier.map((id) => backupName({ ...deployment, id }, key))];
    for (const place of places) {
      if ((await realm.payloads.head(place))?.etag !== beforeEtag) continue;
      await realm.payloads.copy(place, backupName(deployment, key));
      return;
    }
  });
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
  const leftItems = left.flatMap(({ kind, id }) =>
    kind === "payload" || kind === "image" || kind === "schedule" ? [] : [{ kind, id }],
  );
  const images = [
    ...(plan.owned.images ?? []).filter(({ repository }) => !missing.has(`image ${repository}`)),
    ...left.flatMap(({ kind, id }) => (kind === "image" ? [{ repository: id }] : [])),
  ];
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
    ...(images.length === 0 ? { images: undefined } : { images }),
  };
}
