import type { Realm } from "@lava/realm";
import * as z from "zod";
import { fromText, toText } from "./plan-text.ts";
import type { Deployment, DeployStep, Effect } from "./types.ts";

const CHANGED = { create: "created", update: "replaced", delete: "deleted" } as const;

/** Outcomes of a step that was begun, as they are kept. */
const outcomes = z.enum(["done", "already", "conflict", "failed", "begun", "not_tried"]);

/**
 * How far a deployment has come, beside its record: small, as it is written again and again. Steps are told by where
 * they stand in the record.
 */
const journalSchema = z.object({
  /** So many steps, from the first, were begun. */
  begun: z.number().int(),
  /** Those of them that are not `done`: the ones under way, and how others ended. */
  others: z.record(z.string(), outcomes),
});

/** Told of each step while a deployment runs, so that it is known afterwards what a killed one had come to. */
export interface EffectsJournal {
  /** Resolves when it is written that a step begins; only then it may. */
  begin(index: number): Promise<void>;
  /** How a step ended; written with the next one that begins. */
  end(index: number, outcome: DeployStep["outcome"]): void;
}

/**
 * What a step has changed in the realm.
 *
 * @param earlier What the same step of an earlier deployment of the same plan had done
 */
export function effectOf({ action, outcome }: DeployStep, earlier?: Effect): Effect {
  if (outcome === "done") return CHANGED[action];
  // The write may have come through, or a part of it.
  if (outcome === "failed" || outcome === "begun") return "unknown";
  return earlier ?? "left";
}

/**
 * The steps of a deployment that begins: none is tried, but the one before, of the same plan, may have been killed or
 * have failed after some; to undo the plan is to undo these as well. Those that are not to be done again, as a schedule
 * is as it should be, stand at the end.
 */
export function plannedSteps(
  planned: readonly Omit<DeployStep, "outcome" | "reason" | "effect">[],
  last: Deployment | undefined,
  plan: Deployment["plan"],
): DeployStep[] {
  const isAgain = last !== undefined && isSamePlan(last.plan, plan);
  const done = new Map(isAgain ? last.steps.map((step) => [nameOf(step), step]) : []);
  const steps = planned.map((step): DeployStep => {
    const effect = done.get(nameOf(step))?.effect ?? "left";
    done.delete(nameOf(step));
    return { ...step, outcome: "not_tried", effect };
  });
  return [...steps, ...[...done.values()].filter(({ effect }) => effect !== "left")];
}

function nameOf({ kind, id, action }: Pick<DeployStep, "kind" | "id" | "action">): string {
  return `${kind} ${action} ${id}`;
}

function isSamePlan(a: Deployment["plan"], b: Deployment["plan"]): boolean {
  const changes = ({ purpose, items, payloads, images = [] }: Deployment["plan"]): string =>
    toText({ purpose, items, payloads, images });
  return changes(a) === changes(b);
}

/** What a deployment did to a thing; `unknown` as well where its record, of an earlier version, does not tell. */
export function effectsOf({
  steps,
}: Pick<Deployment, "steps">): (
  kind: DeployStep["kind"],
  id: string,
  action: DeployStep["action"],
) => Effect {
  const known = new Map(steps.map((step) => [nameOf(step), step.effect ?? "unknown"]));
  const isOld = steps.length === 0;
  return (kind, id, action) =>
    known.get(nameOf({ kind, id, action })) ?? (isOld ? "unknown" : "left");
}

/** Opens the journal of a deployment that begins; steps that begin at the same time are written together. */
export function openJournal(
  realm: Pick<Realm, "payloads">,
  deployment: Deployment,
): EffectsJournal {
  const others: Record<string, DeployStep["outcome"]> = {};
  let begun = 0;
  let next: Promise<void> | undefined;
  let last = Promise.resolve();
  const write = async (): Promise<void> => {
    next = undefined;
    await realm.payloads.put(journalName(deployment), toText({ begun, others }));
  };
  return {
    async begin(index) {
      begun = Math.max(begun, index + 1);
      others[index] = "begun";
      if (next === undefined) {
        // After the one under way, whether that came through or not.
        next = last.then(write, write);
        last = next;
      }
      await next;
    },
    end(index, outcome) {
      if (outcome === "done") delete others[index];
      else others[index] = outcome;
    },
  };
}

/** The steps of a deployment that was killed, as far as it had come. */
export async function stepsOfKilled(
  realm: Pick<Realm, "payloads">,
  deployment: Deployment,
): Promise<readonly DeployStep[]> {
  const content = await realm.payloads.get(journalName(deployment));
  if (content === undefined) return deployment.steps;
  const { begun, others } = journalSchema.parse(fromText(new TextDecoder().decode(content)));
  return deployment.steps.map((step, index) => {
    if (step.outcome !== "not_tried") return step;
    const outcome = index < begun ? (others[index] ?? "done") : "not_tried";
    const now = { ...step, outcome };
    return { ...now, effect: effectOf(now, step.effect) };
  });
}

/** Name below the payload area; not among the records, which are listed. */
export function journalName({ id, plan }: Pick<Deployment, "id" | "plan">): string {
  const [project, env] = [plan.project, plan.env].map(encodeURIComponent);
  return `__fwk__/effects/${project}/${env}/${id}.json`;
}
