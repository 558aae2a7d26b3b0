import { type Data, formatDuration, formatIssue, formatPath } from "@lava/core";
import { pythonJson } from "../build/python-json.ts";
import type { FieldChange, Plan } from "../deploy/types.ts";
import type { CiReport } from "./report.ts";

const MARKS = { passed: "✅", failed: "❌", skipped: "⏭️" } as const;
/** A summary is for people: what does not fit is counted. */
const MAX_FINDINGS = 50;
const MAX_CHANGES = 100;
const MAX_VALUE = 120;

/** A report for a reviewer, in Markdown: steps, findings, and what the plan would change, field by field. */
export function ciMarkdown(report: CiReport): string {
  const { project, env, ok, steps, plan, deployed } = report;
  const lines = [
    `## ${ok ? "✅" : "❌"} lava: ${project} → ${env}`,
    "",
    "| step | | time | |",
    "| --- | --- | --- | --- |",
    ...steps.map(
      ({ name, status, seconds, summary }) =>
        `| ${name} | ${MARKS[status]} ${status} | ${formatDuration(seconds)} | ${cell(summary)} |`,
    ),
    "",
    ...findings(report),
    ...(plan === undefined ? [] : changes(plan)),
  ];
  if (deployed !== undefined) {
    lines.push(
      `Deployment \`${deployed.deployment}\`; \`lava rollback ${deployed.deployment} --env ${env}\` undoes it.`,
      "",
    );
  }
  return lines.join("\n");
}

function findings({ steps }: CiReport): string[] {
  const all = [
    ...new Set(
      steps.flatMap((step) =>
        step.findings.map((finding) => `- **${finding.severity}** ${inline(formatIssue(finding))}`),
      ),
    ),
  ];
  if (all.length === 0) return [];
  const rest = all.length - MAX_FINDINGS;
  return [
    "### Findings",
    "",
    ...all.slice(0, MAX_FINDINGS),
    ...(rest > 0 ? [`- … and ${rest} more`] : []),
    "",
  ];
}

function changes(plan: Plan): string[] {
  const marks = { create: "➕", update: "✏️", delete: "➖" };
  const items = plan.items.flatMap(({ action, kind, id, changes: fields, note }) => [
    `- ${marks[action]} ${action} ${kind} \`${id}\`${note === undefined ? "" : ` (${note})`}`,
    ...(action === "update" ? fields.map((field) => `  - ${fieldText(field)}`) : []),
  ]);
  const payloads = plan.payloads.map(
    ({ action, key }) => `- ${marks[action]} ${action} payload \`${key}\``,
  );
  const images = (plan.images ?? []).map(
    ({ action, repository }) => `- ${marks[action]} ${action} image \`${repository}\``,
  );
  const schedules = (plan.schedules ?? []).map(
    ({ action, job }) => `- ${marks[action]} ${action} EventBridge schedule of \`${job}\``,
  );
  const notes = [
    ...plan.orphans.map(
      ({ kind, id }) => `- ${kind} \`${id}\` is no longer in the project; \`--prune\` deletes it`,
    ),
    ...plan.fireTimes.map(({ id, zone, before, after }) => {
      const times = [before, after].map((list) => list.map(minute).join(", ") || "never");
      return `- 🕑 job \`${id}\` runs next (${zone}): ${times.slice(before.length === 0 ? 1 : 0).join(" → ")}`;
    }),
  ];
  const all = [...items, ...payloads, ...images, ...schedules, ...notes];
  if (all.length === 0) return ["Nothing to change.", ""];
  const rest = all.length - MAX_CHANGES;
  return [
    `### Changes in realm ${plan.realm}`,
    "",
    ...all.slice(0, MAX_CHANGES),
    ...(rest > 0 ? [`- … and ${rest} more lines`] : []),
    "",
  ];
}

/** `2026-11-25 06:00Z`. */
function minute(time: string): string {
  return time.replace("T", " ").replace(/:00\.000Z$|\.\d+Z$/, "Z");
}

function fieldText({ path, before, after }: FieldChange): string {
  const name = `\`${formatPath(path)}\``;
  if (before === undefined) return `${name}: ${show(after)} is new`;
  if (after === undefined) return `${name}: ${show(before)} goes`;
  return `${name}: ${show(before)} → ${show(after)}`;
}

function show(value: Data | undefined): string {
  const text = pythonJson(value ?? null);
  return `\`${(text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text).replaceAll("`", "'")}\``;
}

function cell(text: string): string {
  return inline(text).replaceAll("|", "\\|");
}

function inline(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").replaceAll("<", "&lt;");
}
