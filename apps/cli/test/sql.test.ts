import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { emulatedRealm, type EmulatedRealm } from "@lava/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveAlias } from "../src/aliases.ts";
import { type CliResult, runCli } from "./cli.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-sql-cli-"));
let emulated: EmulatedRealm;
beforeAll(async () => {
  const host = join(folder, "a.db");
  using database = new DatabaseSync(host);
  database.exec("create table t (a integer, b text); insert into t values (1, 'x'), (2, null)");
  emulated = await emulatedRealm({
    connections: [{ conn_id: "db", type: "sqlite3", host, port: 1 }],
  });
  writeFileSync(join(folder, "all.sql"), "-- all\nselect * from t order by a;\n");
  writeFileSync(join(folder, "bad.sql"), "insert into t values (3, 'y'); select nope");
});
afterAll(async () => {
  await emulated[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function lavaSql(...words: string[]): Promise<CliResult> {
  const alias = resolveAlias("lava-sql", words);
  return await runCli(alias?.argv ?? words, { cwd: folder, env: emulated.environment });
}

test("prints CSV, and tells of each file on stderr (CLI-155, 156, 158, 159, 163)", async () => {
  const result = await lavaSql("-c", "db", "--header", "--multi", "all.sql", "all.sql");

  expect(result.stdout).toBe("a|b\r\n1|x\r\n2|\r\n".repeat(2));
  expect(result.stderr).toContain(
    "lava-sql: MainThread: all.sql: 1 query completed, 2 rows returned\n",
  );
  expect(result.status).toBe(0);
});

test("writes other formats into files and into S3 (CLI-160, 161)", async () => {
  const uri = `s3://${emulated.bucket}/out.json`;
  await lavaSql("-c", "db", "--format", "jsonl", "--sort-keys", "-o", "out.jsonl", "all.sql");
  await lavaSql("-c", "db", "--format", "json", "-o", uri, "all.sql");
  const read = await lavaSql("-c", "db", "--raw", uri);

  expect(readFileSync(join(folder, "out.jsonl"), "utf8")).toBe(
    '{"a": 1, "b": "x"}\n{"a": 2, "b": null}\n',
  );
  // It was there to be read: as SQL it is none.
  expect(read.stderr).toContain('near "[');
});

test("a failure leaves no part of an output, and a transaction nothing at all (CLI-157, 165)", async () => {
  const result = await lavaSql("-c", "db", "--transaction", "-o", "out.csv", "all.sql", "bad.sql");
  const after = await lavaSql("-c", "db", "all.sql");

  expect(result.status).toBe(1);
  expect(result.stderr).toContain("bad.sql: Rollback : no such column: nope");
  expect(existsSync(join(folder, "out.csv"))).toBe(false);
  expect(after.stdout).toBe("1|x\r\n2|\r\n");
});

test.each([
  [["all.sql"], /conn-id/],
  [["-c", "db", "-b", "0", "all.sql"], /Batch size must be >= 1/],
  [["-c", "db", "--quoting", "mini", "all.sql"], /Bad quoting style: mini/],
  [["-c", "db", "--format", "xml", "all.sql"], /--format: xml is none of/],
])("%o is a fault of usage (CLI-164)", async (words, message) => {
  const result = await lavaSql(...words);

  expect(result.status).toBe(2);
  expect(result.stderr).toMatch(message);
});

test("splits at semicolons, not at those of quotes and comments, and not at all with --raw (CLI-156)", async () => {
  const text = "select ';' as a; ; -- b;\n select 2 as b;;";
  writeFileSync(join(folder, "split.sql"), text);
  writeFileSync(join(folder, "one.sql"), "select 1 as a; select 2 as b");

  expect((await lavaSql("-c", "db", "--multi", "split.sql")).stdout).toBe(";\r\n2\r\n");
  expect((await lavaSql("-c", "db", "--multi", "one.sql")).stdout).toBe("1\r\n2\r\n");
  expect((await lavaSql("-c", "db", "--raw", "one.sql")).status).toBe(1);
});

test("a value that needs an escape is refused until there is one (CLI-159, CLI-163)", async () => {
  writeFileSync(join(folder, "quote.sql"), `select 'a"b|c' as "x"`);

  const refused = await lavaSql("-c", "db", "quote.sql");
  const doubled = await lavaSql("-c", "db", "--doublequote", "--header", "quote.sql");
  const escaped = await lavaSql("-c", "db", "--escapechar", "!", "--dialect", "unix", "quote.sql");

  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("need to escape, but no escapechar set"),
  });
  expect(doubled.stdout).toBe('x\r\n"a""b|c"\r\n');
  expect(escaped.stdout).toBe('"a!"b|c"\n');
});

test("writes a workbook that a program of its own reads (CLI-165)", async () => {
  writeFileSync(join(folder, "empty.sql"), "select * from t where a > 99");
  await lavaSql("-c", "db", "--format", "xlsx", "--header", "-o", "out.xlsx", "all.sql");
  const empty = await lavaSql("-c", "db", "--header", "empty.sql");
  const several = await lavaSql("-c", "db", "--format", "xlsx", "-o", "x", "all.sql", "all.sql");
  const script =
    "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read('xl/worksheets/sheet1.xml').decode())";
  const sheet = execFileSync("python3", ["-c", script, join(folder, "out.xlsx")]).toString();

  expect(sheet.match(/<row>/g)).toHaveLength(3);
  expect(sheet).toContain("<row><c><v>2</v></c><c/></row>");
  expect(empty.stdout).toBe("a|b\r\n");
  expect(several).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("xlsx holds one result"),
  });
  expect(existsSync(join(folder, "x"))).toBe(false);
});

test("a second result is refused without --multi, and leaves no file (CLI-165)", async () => {
  const refused = await lavaSql("-c", "db", "-o", "two.csv", "all.sql", "all.sql");

  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(
      "all.sql: Statement 1 returns rows, and so did an earlier one: an output holds one result",
    ),
  });
  expect(refused.stderr).toContain("--multi");
  expect(existsSync(join(folder, "two.csv"))).toBe(false);
});
