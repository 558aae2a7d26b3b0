import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Data, DataMap } from "@lava/core";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { type HandlerRun, runHandler } from "../../test/handler-context.ts";
import { sqli } from "./sqli.ts";

const folder = mkdtempSync(join(tmpdir(), "lava-sqli-"));
afterAll(() => rmSync(folder, { recursive: true }));

let file = "";
beforeEach(({ task }) => {
  file = join(folder, `${task.id}.db`);
  using database = new DatabaseSync(file);
  database.exec("create table city (name text, size integer, area real)");
  database.exec("insert into city values ('Seattle', 737015, 217.0), ('Bend', null, 86.5)");
});

function run(payload: Data, parameters: DataMap = {}, more: Partial<HandlerRun> = {}) {
  return runHandler(sqli, {
    payload,
    parameters: { conn_id: "db", ...parameters },
    connections: { db: { type: "sqlite3", host: file, port: 1, enabled: true } },
    ...more,
  });
}

const uri = (name: string): string =>
  `s3://bucket/tmp/test/job/11111111-1111-4111-8111-111111111111/${name}`;

describe("a sqli job", () => {
  test("writes what it selects as CSV and tells where (JOB-sql-10..12, JOB-sqli-02, WF-154)", async () => {
    const { result, trace } = await run("select name, size, area from city order by name");

    expect(result).toEqual({ exit_status: 0, output: { "0": [uri("0.0.out")] } });
    expect(trace.outputs.get("0.0.out")).toBe("Bend||86.5\r\nSeattle|737015|217.0\r\n");
  });

  test("numbers outputs by all pieces, empty ones and those without a result included (JOB-sql-09, JOB-sql-10)", async () => {
    const { result, trace } = await run([
      "select 1;; select 2",
      "insert into city values ('Yakima', 1, 1); -- done\nselect count(*) from city;",
    ]);

    expect(result).toEqual({
      exit_status: 0,
      output: { "0": [uri("0.0.out"), uri("0.2.out")], "1": [uri("1.1.out")] },
    });
    expect(trace.outputs.get("1.1.out")).toBe("3\r\n");
  });

  test("counts a comment as a piece, so that adding one gives files other numbers (T-46, T-47)", async () => {
    const bare = await run("select 1; select 2");
    const commented = await run("select 1; /* a note */; select 2");

    expect(bare.result).toMatchObject({ output: { "0": [uri("0.0.out"), uri("0.1.out")] } });
    expect(commented.result).toMatchObject({ output: { "0": [uri("0.0.out"), uri("0.2.out")] } });
  });

  test("stores an empty file for a result without rows", async () => {
    const { result, trace } = await run("select * from city where 1 = 0");

    expect(result).toMatchObject({ output: { "0": [uri("0.0.out")] } });
    expect(trace.outputs.get("0.0.out")).toBe("");
  });

  test("writes a header when asked, in each output (JOB-sql-04)", async () => {
    const { trace } = await run("select name as n, size from city where 1 = 0", { header: true });

    expect(trace.outputs.get("0.0.out")).toBe("n|size\r\n");
  });

  test("puts outputs into the folder that `output` names (JOB-sql-05)", async () => {
    const { result } = await run("select 1", { output: "sub" });

    expect(result).toMatchObject({ output: { "0": [uri("sub/0.0.out")] } });
  });

  test("refuses an `output` that is no plain name", async () => {
    const { error } = await run("select 1", { output: "../x" });

    expect(error).toMatchObject({
      message: expect.stringContaining("Bad output parameter: Must be alphanumeric"),
    });
  });

  test("splits before it renders, each statement by itself (JOB-sql-08)", async () => {
    const { trace } = await run("select '{{ vars.a }}'; select 'x'", {
      vars: { a: "1; select 2" },
    });

    expect([...trace.outputs]).toEqual([
      ["0.0.out", "1; select 2\r\n"],
      ["0.1.out", "x\r\n"],
    ]);
  });

  test("leaves templates alone with `jinja: false`", async () => {
    const { trace } = await run("select '{{ vars.a }}'", { jinja: false });

    expect(trace.outputs.get("0.0.out")).toBe("{{ vars.a }}\r\n");
  });

  test("runs a text as one statement with `raw` (JOB-sql-06)", async () => {
    const one = await run("select ';'; ", { raw: true });
    const two = await run("select 1; select 2", { raw: true });

    expect(one.trace.outputs.get("0.0.out")).toBe(";\r\n");
    expect(two.error).toMatchObject({ message: "You can only execute one statement at a time." });
  });

  test("follows its CSV parameters, else the realm's (JOB-sql-03)", async () => {
    const parameters = { delimiter: ",", quoting: "all", dialect: "unix" };

    const own = await run("select 'a,b', null", parameters);
    const realms = await run("select 'a', 'b'", {}, { config: { SQL_DELIMITER: "^" } });

    expect(own.trace.outputs.get("0.0.out")).toBe('"a,b",""\n');
    expect(realms.trace.outputs.get("0.0.out")).toBe("a^b\r\n");
  });

  test("fails for a field that cannot be written (T-11)", async () => {
    const { error } = await run("select 'a\"b'");

    expect(error).toMatchObject({
      message: "need to escape, but no escapechar set",
      data: undefined,
      hint: expect.stringContaining("Statement 0 of 0: select 'a\"b'"),
    });
  });

  test("undoes all statements of a transaction at a failure, and keeps earlier outputs (JOB-sql-07, 13)", async () => {
    const payload = "insert into city values ('Yakima', 1, 1); select 1; select nope from city";

    const { error, trace } = await run(payload, { transaction: true });
    const after = await run("select count(*) from city");

    expect(error).toMatchObject({ message: "no such column: nope", data: undefined });
    expect(trace.outputs.get("0.1.out")).toBe("1\r\n");
    expect(after.trace.outputs.get("0.0.out")).toBe("2\r\n");
  });

  test("keeps what was done before a failure without a transaction", async () => {
    await run("insert into city values ('Yakima', 1, 1); select nope from city");
    const after = await run("select count(*) from city");

    expect(after.trace.outputs.get("0.0.out")).toBe("3\r\n");
  });

  test("commits a transaction that gets to its end", async () => {
    await run("insert into city values ('Yakima', 1, 1)", { transaction: true });
    const after = await run("select count(*) from city");

    expect(after.trace.outputs.get("0.0.out")).toBe("3\r\n");
  });

  test("fetches as many rows at a time as it is told, to the same end (JOB-sql-02, 15)", async () => {
    const series =
      "with recursive s(n) as (select 1 union all select n + 1 from s where n < 2500) select n from s";

    const { trace } = await run(series, { batch_size: 7 });

    expect(trace.outputs.get("0.0.out")?.split("\r\n")).toHaveLength(2501);
  });

  test.each([
    [{ a: 1 }, "Bad payload: must be string or list of strings"],
    [["select 1", 5], "Bad payload: entry 1: must be string"],
  ])("refuses the payload %o (JOB-sqli-03)", async (payload, message) => {
    const { error } = await run(payload);

    expect(error).toMatchObject({ message });
  });

  test("names a connection that does not exist", async () => {
    const { error } = await run("select 1", { conn_id: "gone" });

    expect(error).toMatchObject({ message: "gone: No such connection" });
  });

  test("stores outputs of later iterations of a foreach under their index (JOB-foreach-15)", async () => {
    const nested = { lineage: ["parent", "test/job"] };

    const first = await run("select 1", {}, { ...nested, foreach_index: 0 });
    const third = await run("select 1", {}, { ...nested, foreach_index: 2 });
    const sent = await run("select 1", {}, { foreach_index: 2 });

    expect([...first.trace.outputs.keys()]).toEqual(["0.0.out"]);
    expect([...third.trace.outputs.keys()]).toEqual(["0.0.out.2"]);
    expect([...sent.trace.outputs.keys()]).toEqual(["0.0.out"]);
  });

  test("stops at an abort", async () => {
    const controller = new AbortController();
    controller.abort(new Error("given back"));

    const { error } = await run("select 1", {}, { signal: controller.signal });

    expect(error).toMatchObject({ message: "given back" });
  });
});
