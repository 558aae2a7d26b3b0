import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { DataMap } from "@lava/core";
import {
  emulatedRealm,
  type EmulatedRealm,
  startMariadb,
  startPostgres,
  type TestSqlServer,
} from "@lava/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { resolveAlias } from "../src/aliases.ts";
import { type CliResult, runCli } from "./cli.ts";

const stack = new AsyncDisposableStack();
let folder: string;
let emulated: EmulatedRealm;
const servers: Record<string, TestSqlServer> = {};

/** One dag in every form: clean before load, both before report; audit for itself; another group besides. */
const PAIRS = [
  ["nightly", "load", "clean"],
  ["nightly", "report", "load"],
  ["nightly", "report", "clean "],
  ["nightly", "report", "report"],
  ["nightly", "clean", null],
  ["nightly", "audit", ""],
  ["weekly", "sweep", null],
] as const;
const MATRIX = [
  ["any", " clean", "load", "report", ""],
  ["load", "x", "", "", "x"],
  ["report", "1", " y ", "x", ""],
  ["  ", "x", "", "", ""],
  ["clean", "", " ", "", ""],
  ["audit"],
];
const DAG = { audit: [], clean: [], load: ["clean"], report: ["clean", "load"] };

const TABLE = "(job_group varchar(50), job varchar(50) not null, depends_on varchar(50))";
const literal = (value: string | null): string => (value === null ? "null" : `'${value}'`);
const ROWS = PAIRS.map((pair) => `(${pair.map(literal).join(", ")})`).join(", ");

/** A workbook whose second sheet is the dag; numbers are numbers in it. */
async function workbook(): Promise<Buffer> {
  const cell = (text: string): string =>
    /^\d+$/.test(text)
      ? `<c><v>${text}</v></c>`
      : text === ""
        ? "<c/>"
        : `<c t="inlineStr"><is><t xml:space="preserve">${text}</t></is></c>`;
  const sheet = (rows: readonly (readonly string[])[]): string =>
    `<worksheet><sheetData>${rows.map((row) => `<row>${row.map(cell).join("")}</row>`).join("")}</sheetData></worksheet>`;
  const zip = new ZipFile();
  for (const [name, text] of [
    [
      "xl/workbook.xml",
      '<workbook xmlns:r="r"><sheets><sheet name="weekly" r:id="a"/><sheet name="nightly" r:id="b"/></sheets></workbook>',
    ],
    [
      "xl/_rels/workbook.xml.rels",
      '<Relationships><Relationship Id="a" Target="worksheets/1.xml"/><Relationship Id="b" Target="worksheets/2.xml"/></Relationships>',
    ],
    ["xl/worksheets/1.xml", sheet([["", "sweep"], ["sweep"]])],
    ["xl/worksheets/2.xml", sheet(MATRIX)],
  ] as const)
    zip.addBuffer(Buffer.from(text), name);
  zip.end();
  return await buffer(zip.outputStream);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lava-dags-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  servers["postgres"] = stack.use(await startPostgres(process.env));
  servers["mariadb"] = stack.use(await startMariadb(process.env));
  emulated = stack.use(await emulatedRealm());
  for (const [type, server] of Object.entries(servers)) {
    const { host, port, user, database, password } = server;
    const file = join(folder, `${type}.password`);
    await writeFile(file, password, { mode: 0o600 });
    const record: DataMap = { conn_id: type, type, enabled: true, host, port, user, database };
    await emulated.realm.connections.put({ ...record, "x-lava-password-file": file });
    const schema = type === "postgres" ? "create schema meta; " : "";
    await server.sql(
      `${schema}create table dag ${TABLE}; insert into dag values ${ROWS}; ` +
        `create table ${type === "postgres" ? "meta." : ""}loops ${TABLE}; ` +
        `insert into ${type === "postgres" ? "meta." : ""}loops values ('g', 'a', 'b'), ('g', 'b', 'a')`,
      database,
    );
    // Anybody who may log in may read; the server's administrator made the tables.
    if (type === "postgres") {
      await server.sql(
        "grant usage on schema meta to public; grant select on all tables in schema public, meta to public",
        database,
      );
    }
  }
  await writeFile(
    join(folder, "nightly.csv"),
    `\uFEFF${MATRIX.map((row) => row.map((cell) => `"${cell}"`).join(",")).join("\r\n")}\r\n`,
  );
  await writeFile(join(folder, "dags.xlsx"), await workbook());
}, 90_000);
afterAll(() => stack.disposeAsync());

async function dagGen(...words: string[]): Promise<CliResult> {
  const alias = resolveAlias("lava-dag-gen", words);
  return await runCli(alias?.argv ?? words, { cwd: folder, env: emulated.environment });
}

const SOURCES: readonly (readonly [string, readonly string[]])[] = [
  ["postgres", ["postgres", "-g", "nightly"]],
  ["mariadb", ["mariadb", "-g", "nightly"]],
  ["a spreadsheet", ["dags.xlsx", "-g", "nightly"]],
  ["CSV", ["nightly.csv", "-g", "any"]],
];

describe.each(SOURCES)("the same dag from %s", (name, words) => {
  test("as JSON, YAML, compact with prefix and key, and in batches (CLI-072 to CLI-082)", async () => {
    const json = await dagGen(...words);
    expect(json, json.stderr).toMatchObject({ status: 0 });
    expect(json.stdout).toBe(`${JSON.stringify(DAG, null, 4)}\n`);
    const compact = await dagGen(...words, "-c", "-p", "app/", "-w", "payload");
    expect(JSON.parse(compact.stdout)).toEqual({
      payload: {
        "app/audit": null,
        "app/load": "app/clean",
        "app/report": ["app/clean", "app/load"],
      },
    });
    expect((await dagGen(...words, "-y", "-c")).stdout).toContain("load: clean\n");
    expect((await dagGen(...words, "-o", "-p", "x/")).stdout).toBe(
      "Batch 1\n  - x/audit\n  - x/clean\nBatch 2\n  - x/load\nBatch 3\n  - x/report\n",
    );
  });

  test("is what a template gets (FW-074, FW-209, FW-210)", async () => {
    const project = join(folder, name.replaceAll(" ", "-"));
    const answers = {
      realm: emulated.realm.name,
      owner: "me",
      description: "d",
      environment: "uat",
    };
    const given = Object.entries(answers).flatMap(([key, value]) => ["-p", `${key}=${value}`]);
    await runCli(["new", project, "--no-input", ...given], { cwd: folder });
    const [source = "", , group = ""] = words;
    const head = "description: d\nowner: o\nenabled: true\nworker: core\n";
    for (const id of Object.keys(DAG))
      await writeFile(
        join(project, `lava-jobs/${id}.yaml`),
        `job_id: "<{ prefix.job }>/${id}"\n${head}type: cmd\npayload: echo\n`,
      );
    if (source.includes("."))
      await copyFile(join(folder, source), join(project, "lava-jobs", source));
    const call = `lava.dag('${source}', group='${group}', prefix=prefix.job + '/')`;
    await writeFile(
      join(project, "lava-jobs/all.yaml"),
      `job_id: "<{ prefix.job }>/all"\n${head}type: dag\npayload: <{ ${call} }>\n`,
    );

    const env = { ...emulated.environment, PATH: process.env["PATH"] };
    const { status, stdout } = await runCli(["deploy", "--env", "uat"], { cwd: project, env });

    expect({ status, stdout }).toMatchObject({ status: 0 });
    const prefix = `app/${basename(project)}/`;
    expect((await emulated.realm.jobs.getItem(`${prefix}all`))?.["payload"]).toEqual(
      Object.fromEntries(
        Object.entries(DAG).map(([id, needs]) => [
          `${prefix}${id}`,
          needs.map((need) => `${prefix}${need}`),
        ]),
      ),
    );
  });
});

describe.each(["postgres", "mariadb"])("a dag in %s", (type) => {
  const table = type === "postgres" ? "meta.loops" : "loops";

  test.each([
    [["--table", table], "Nodes are in a cycle: "],
    [["--table", "nowhere"], "nowhere"],
    [["--table", "a;drop table dag"], "Bad table name: a;drop table dag"],
    [["-g", "x' or 'a'='a"], "Only alphanumerics allowed: x' or 'a'='a"],
    [["-g", "none"], "DAG is empty"],
  ])("%j is told", async (words, message) => {
    const { status, stderr } = await dagGen(type, ...words);

    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });

  test("has all groups where none is asked for", async () => {
    expect(JSON.parse((await dagGen(type)).stdout)).toEqual({ ...DAG, sweep: [] });
    expect(JSON.parse((await dagGen(type, "-g", "")).stdout)).toEqual({ ...DAG, sweep: [] });
  });
});
