import { formatPath, formatSize } from "@lava/core";
import type { DeployResult, FieldChange, Plan } from "@lava/framework";
import type { CliContext } from "./command.ts";
import { jsonText, printLine, styles } from "./output.ts";

/** Whether a plan would change anything. */
export function isEmptyPlan(plan: Plan): boolean {
  const { items, payloads, images = [], schedules = [] } = plan;
  return [items, payloads, images, schedules].every(({ length }) => length === 0);
}

/** A plan for people: each change with its fields, what is left alone and why, and the sum. */
export function printPlan(plan: Plan, context: CliContext): void {
  const out = context.stdout;
  const style = styles(out);
  const mark = {
    create: style.green("+"),
    update: style.yellow("~"),
    delete: style.red("-"),
  };
  for (const item of plan.items) {
    printLine(
      out,
      `${mark[item.action]} ${item.kind} ${style.bold(item.id)}${item.note ? `  (${item.note})` : ""}`,
    );
    if (item.action === "update") {
      for (const change of item.changes) printLine(out, `    ${fieldText(change)}`);
    }
  }
  for (const payload of plan.payloads) {
    const size = payload.action === "delete" ? "" : `  ${formatSize(payload.size)}`;
    printLine(out, `${mark[payload.action]} payload ${style.bold(payload.key)}${size}`);
  }
  for (const { action, repository, tag } of plan.images ?? []) {
    const name = tag === undefined ? repository : `${repository}:${tag}`;
    printLine(out, `${mark[action]} image ${style.bold(name)}`);
  }
  for (const { action, job, schedule, name } of plan.schedules ?? []) {
    const what = schedule?.ScheduleExpression ?? name;
    printLine(out, `${mark[action]} EventBridge schedule of ${style.bold(job)}  ${what}`);
  }
  for (const { kind, id, reason } of plan.refused)
    printLine(out, `${style.red("!")} ${kind} ${id}: ${reason}`);
  for (const { kind, id } of plan.orphans) {
    printLine(out, style.dim(`  ${kind} ${id}: no longer in the project; --prune deletes it`));
  }
  for (const { id, zone, before, after } of plan.fireTimes) {
    const now = (times: readonly string[]): string => times.map(timeText).join(", ") || "never";
    const change = before.length === 0 ? now(after) : `${now(before)} -> ${now(after)}`;
    printLine(out, `  job ${id} runs next (${zone}): ${change}`);
  }
  for (const { reason } of plan.breaks) {
    printLine(context.stderr, `${style.yellow("breaks")}: ${reason}`);
  }
  for (const warning of plan.warnings)
    printLine(context.stderr, `${style.yellow("warning")}: ${warning}`);
  const count = (action: string): number =>
    plan.items.filter((item) => item.action === action).length +
    plan.payloads.filter((payload) => payload.action === action).length +
    (plan.images ?? []).filter((image) => image.action === action).length;
  const unchanged = plan.unchanged.items + plan.unchanged.payloads;
  printLine(
    out,
    `${plan.purpose} ${plan.env} to realm ${plan.realm}: ${count("create")} to create, ${count("update")} to update, ${count("delete")} to delete, ${unchanged} unchanged`,
  );
}

/** How a deployment went, step by step where a step did not go well. */
export function printDeployResult(result: DeployResult, context: CliContext): void {
  const style = styles(context.stdout);
  for (const step of result.steps) {
    if (step.outcome === "done" || step.outcome === "already") continue;
    printLine(
      context.stdout,
      `${style.red(step.outcome)} ${step.kind} ${step.id}${step.reason ? `: ${step.reason}` : ""}`,
    );
  }
  const count = (outcome: string): number =>
    result.steps.filter((step) => step.outcome === outcome).length;
  const parts = [`${count("done")} done`];
  for (const outcome of ["already", "conflict", "failed", "not_tried"]) {
    if (count(outcome) > 0) parts.push(`${count(outcome)} ${outcome.replace("_", " ")}`);
  }
  printLine(context.stdout, parts.join(", "));
  printLine(
    context.stdout,
    style.dim(`deployment ${result.deployment}; \`lava rollback ${result.deployment}\` undoes it`),
  );
}

/** `2026-11-25 06:00Z`. */
function timeText(time: string): string {
  return time.replace("T", " ").replace(/:00\.000Z$|\.\d+Z$/, "Z");
}

function fieldText(change: FieldChange): string {
  const show = (value: unknown): string => {
    const text = jsonText(value);
    return text.length > 100 ? `${text.slice(0, 99)}…` : text;
  };
  const path = formatPath(change.path);
  if (change.before === undefined) return `+ ${path}: ${show(change.after)}`;
  if (change.after === undefined) return `- ${path}: ${show(change.before)}`;
  return `~ ${path}: ${show(change.before)} -> ${show(change.after)}`;
}
