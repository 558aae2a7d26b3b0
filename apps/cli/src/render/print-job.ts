import { type Data, formatIssue, formatPath } from "@lava/core";
import type { RenderedField, RenderedJob } from "@lava/worker";
import { type Output } from "../command.ts";
import { printJson, printLine, styles } from "../output.ts";

/** Prints a rendered job for people: each template with its result, then the context; then its children. */
export function printJob(out: Output, job: RenderedJob, isChild = false): void {
  const style = styles(out);
  printLine(out, style.bold(`${job.job_id} (${job.type})`));
  for (const field of job.fields) printField(out, field);
  for (const issue of job.issues) printLine(out, `  ${style.red("error")}: ${formatIssue(issue)}`);
  if (!isChild) {
    printLine(out, "context:");
    printLine(out, indented(jsonText(job.context)));
  }
  for (const child of job.children) {
    printLine(out);
    if (child.hasUnknownValues) {
      printLine(out, style.dim("the values of the foreach are known only when it runs"));
    }
    printJob(out, child, true);
  }
}

function printField(out: Output, { path, method, template, result, issues }: RenderedField): void {
  const style = styles(out);
  printLine(out, `${style.cyan(formatPath(path))} ${style.dim(`(${method})`)}`);
  printLine(out, labelled("template", template));
  if (result !== undefined) printLine(out, labelled("result", result));
  for (const issue of issues) {
    const kind = issue.code === "undefined_name" ? style.yellow("undefined") : style.red("error");
    const { path: _path, ...rest } = issue;
    printLine(out, `  ${kind}: ${formatIssue({ ...rest, path: [] })}`);
  }
}

/** A value beside its label; a text of several lines stands below it. */
function labelled(label: string, value: Data): string {
  const text = typeof value === "string" ? value : jsonText(value, true);
  if (!text.includes("\n")) return `  ${`${label}:`.padEnd(10)}${text}`.trimEnd();
  return `  ${label}:\n${indented(text, "    ")}`;
}

function jsonText(value: unknown, short = false): string {
  let text = "";
  printJson({ write: (part) => (text += String(part)) }, value);
  const oneLine = text.trim().replace(/\n\s*/g, " ");
  return short && oneLine.length <= 100 ? oneLine : text.trimEnd();
}

function indented(text: string, by = "  "): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? line : `${by}${line}`))
    .join("\n");
}
