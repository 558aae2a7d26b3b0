import { DatabaseSync } from "node:sqlite";
import { LavaError } from "@lava/core";
import { readSheet } from "./xlsx.ts";

/** Which jobs each job depends on. */
export type DependencyMap = ReadonlyMap<string, ReadonlySet<string>>;

/** What of a source is wanted. */
export interface DagSourceOptions {
  /** Worksheet of a workbook, `job_group` of a database. */
  readonly group?: string | undefined;
  /** Table of a database; `dag` by default. */
  readonly table?: string | undefined;
}

/**
 * Reads dependencies from a matrix (`.csv`, `.xlsx`) or a table (`.sqlite`, `.sqlite3`) (CLI-073..075).
 *
 * @param file Absolute path.
 * @throws {LavaError} TEMPLATE_HELPER
 */
export function readDagSource(
  file: string,
  content: Buffer,
  options: DagSourceOptions,
): DependencyMap {
  if (file.endsWith(".csv")) return fromMatrix(parseCsv(content.toString("utf8")));
  if (file.endsWith(".xlsx")) return fromMatrix(readSheet(content, options.group));
  return fromDatabase(file, options);
}

/** First row: what is depended on; first column: what depends; any cell that is not blank is a dependency. */
function fromMatrix([head = [], ...rows]: readonly (readonly string[])[]): DependencyMap {
  const names = head.map((name) => name.trim());
  const dag = new Map<string, Set<string>>();
  for (const [name = "", ...flags] of rows) {
    const job = name.trim();
    if (job === "") continue;
    const needs = dag.get(job) ?? new Set<string>();
    dag.set(job, needs);
    for (const [index, flag] of flags.entries()) {
      const other = names[index + 1] ?? "";
      if (flag.trim() !== "" && other !== "" && other !== job) needs.add(other);
    }
  }
  return dag;
}

/**
 * The statement that reads dependencies from a table of a database (CLI-075).
 *
 * @throws {LavaError} TEMPLATE_HELPER for names that could be anything but names
 */
export function dagQuery({ group, table = "dag" }: DagSourceOptions): string {
  if (!/^(?:\w+\.)?\w+$/.test(table)) throw fault(`Bad table name: ${table}`);
  if (group !== undefined && !/^\w*$/.test(group)) {
    throw fault(`Only alphanumerics allowed: ${group}`);
  }
  const where = group === undefined || group === "" ? "" : ` WHERE job_group = '${group}'`;
  return `SELECT job, depends_on FROM ${table}${where}`;
}

/** Dependencies of rows `job`, `depends_on`, in whatever case the database has names; null is no dependency (CLI-081). */
export function dagOfRows(rows: Iterable<Readonly<Record<string, unknown>>>): DependencyMap {
  const dag = new Map<string, Set<string>>();
  for (const row of rows) {
    const job = textOf(row["job"] ?? row["JOB"]);
    const other = textOf(row["depends_on"] ?? row["DEPENDS_ON"]);
    if (job === "") continue;
    const needs = dag.get(job) ?? new Set<string>();
    dag.set(job, needs);
    if (other !== "" && other !== job) needs.add(other);
  }
  return dag;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value.trim();
  return typeof value === "number" || typeof value === "bigint" ? String(value) : "";
}

function fromDatabase(file: string, options: DagSourceOptions): DependencyMap {
  const statement = dagQuery(options);
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return dagOfRows(database.prepare(statement).all());
  } finally {
    database.close();
  }
}

/** CSV as Excel writes it. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\r|\n|$)/gy;
  for (let at = text.startsWith("\uFEFF") ? 1 : 0; at < text.length;) {
    cell.lastIndex = at;
    const match = cell.exec(text);
    if (match === null) throw fault("the CSV file is not well formed");
    const [all, quoted, bare = "", end] = match;
    row.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    at += all.length;
    if (end === ",") {
      if (at === text.length) row.push("");
      else continue;
    }
    rows.push(row);
    row = [];
  }
  return rows;
}

function fault(message: string): LavaError {
  return new LavaError("TEMPLATE_HELPER", message);
}
