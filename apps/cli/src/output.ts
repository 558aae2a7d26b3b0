import { DecimalValue } from "@lava/core";
import type { CliContext, Output } from "./command.ts";

/** A column of a {@link printTable}: its title and how a row's cell reads. */
export interface Column<T> {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Cut first where the terminal is too narrow. */
  readonly flexible?: boolean;
  cell(row: T): string;
}

/** JSON in one line, of any data. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, jsonValue) ?? "";
}

/** One JSON document and a newline; what `--json` prints. */
export function printJson(out: Output, value: unknown): void {
  out.write(`${JSON.stringify(value, jsonValue, 2)}\n`);
}

/** One line of text. */
export function printLine(out: Output, text = ""): void {
  out.write(`${text}\n`);
}

/** Rows under titles, aligned, cut to the terminal's width; plain text when piped. */
export function printTable<T>(
  out: Output,
  columns: readonly Column<T>[],
  rows: readonly T[],
): void {
  const cells = rows.map((row) =>
    columns.map((column) => column.cell(row).replaceAll(/\s*\n\s*/g, " ")),
  );
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  shrink(widths, columns, out);
  const style = styles(out);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => {
        const width = widths[index] ?? 0;
        const cut = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
        return columns[index]?.align === "right" ? cut.padStart(width) : cut.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  printLine(out, style.bold(line(columns.map((column) => column.title))));
  for (const row of cells) printLine(out, line(row));
}

/** Text styles; without effect unless the output is a terminal (and NO_COLOR is unset, see {@link colourful}). */
export function styles(
  out: Output,
): Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", (text: string) => string> {
  const wrap = (code: number, end: number) => (text: string) =>
    out.isTTY === true ? `\u001B[${code}m${text}\u001B[${end}m` : text;
  return {
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    red: wrap(31, 39),
    green: wrap(32, 39),
    yellow: wrap(33, 39),
    cyan: wrap(36, 39),
  };
}

/** The same output without colours where the user asked for none (https://no-color.org). */
export function colourful(out: Output, env: CliContext["env"]): Output {
  const isTTY = out.isTTY === true && (env["NO_COLOR"] ?? "") === "";
  return { write: (text) => out.write(text), isTTY, columns: out.columns };
}

/** Takes width from the flexible columns until the row fits the terminal. */
function shrink<T>(widths: number[], columns: readonly Column<T>[], out: Output): void {
  if (out.isTTY !== true || out.columns === undefined) return;
  const total = (): number => widths.reduce((sum, width) => sum + width + 2, -2);
  for (const [index, column] of columns.entries()) {
    const over = total() - out.columns;
    if (over > 0 && column.flexible === true) {
      widths[index] = Math.max(column.title.length, 12, (widths[index] ?? 0) - over);
    }
  }
}

/**
 * Numbers keep their digits where a double cannot: as numbers while a reader would get them right, else as text.
 * `toJSON` has run already, so decimals are looked up in their holder.
 */
function jsonValue(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  const original: unknown =
    typeof this === "object" && this !== null ? Reflect.get(this, key) : value;
  if (original instanceof DecimalValue)
    return String(Number(original.text)) === original.text ? Number(original.text) : original.text;
  if (original instanceof Uint8Array) return Buffer.from(original).toString("base64");
  return value;
}
