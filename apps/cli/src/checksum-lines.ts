import type { CliContext } from "./command.ts";
import { printLine, styles } from "./output.ts";

/** Severities from the least to the greatest (CLI-060). */
const SEVERITIES = ["INFO", "WARNING", "NOTICE", "ERROR"] as const;

/** What was found out of one entry. */
export interface ChecksumLine {
  readonly id: string;
  readonly severity: (typeof SEVERITIES)[number];
  readonly text: string;
}

/** How lines are printed (CLI-061). */
export type ChecksumFormat = "txt" | "tty" | "html" | "md";

/** Prints notices and errors; with one `-v` warnings too, with two everything. Nothing when there is nothing to show. */
export function printChecksums(
  lines: readonly ChecksumLine[],
  options: {
    readonly table: string;
    readonly format: ChecksumFormat | undefined;
    readonly verbose: number;
  },
  { stdout }: CliContext,
): void {
  const least = Math.max(0, 2 - options.verbose);
  const shown = lines.filter(({ severity }) => SEVERITIES.indexOf(severity) >= least);
  if (shown.length === 0) return;
  const style = styles(stdout);
  const colour = { INFO: style.green, WARNING: style.yellow, NOTICE: style.cyan, ERROR: style.red };
  switch (options.format ?? (stdout.isTTY === true ? "tty" : "txt")) {
    case "txt":
      for (const { id, severity, text } of shown) printLine(stdout, `${id}: ${severity} : ${text}`);
      return;
    case "tty":
      for (const { id, severity, text } of shown)
        printLine(stdout, colour[severity](`${id}: ${text}`));
      return;
    case "md":
      printMarkdown(
        [options.table, "Severity", "Description"],
        shown.map(({ id, severity, text }) => [id, severity, text]),
        stdout,
      );
      return;
    case "html":
      printLine(stdout, '<table class="lava-checksum-report">');
      printLine(stdout, `<tr><th>${options.table}</th><th>Severity</th><th>Description</th></tr>`);
      for (const { id, severity, text } of shown) {
        const cells = [id, severity, text].map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
        printLine(stdout, `<tr class="result-${severity.toLowerCase()}">${cells}</tr>`);
      }
      printLine(stdout, "</table>");
  }
}

/** A Markdown table with columns padded to one width (CLI-049). */
export function printMarkdown(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  out: CliContext["stdout"],
): void {
  const cells = rows.map((row) =>
    row.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")),
  );
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  printLine(out, line(titles));
  printLine(out, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  for (const row of cells) printLine(out, line(row));
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#x27;");
}
