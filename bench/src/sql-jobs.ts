import { execFileSync } from "node:child_process";
import { createWriteStream, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { DataMap } from "@lava/core";
import type { RunRecord } from "@lava/realm";
import { startPostgres, type TestSqlServer } from "@lava/testing";
import { benchRealm, type BenchRealm, workerArgs } from "./bench-realm.ts";
import { type Measurement, ms, until } from "./measurement.ts";
import { peakRssMb, startProgram } from "./processes.ts";

/** Rows of the export, and bytes of the load; smaller with LAVA_BENCH_ROWS and LAVA_BENCH_MB. */
const ROWS = Number(process.env["LAVA_BENCH_ROWS"] ?? 5_000_000);
const MEGABYTES = Number(process.env["LAVA_BENCH_MB"] ?? 1000);

const COLUMNS = "id integer, name text, price numeric, sold timestamp, paid boolean";
const SELECT = "select id, name, price, sold, paid from sales";

interface Stage extends AsyncDisposable {
  readonly bench: BenchRealm;
  readonly server: TestSqlServer;
  readonly folder: string;
}

/** 5 million rows out of PostgreSQL into S3 as CSV, beside `psql \copy` into a file. */
export async function benchSqlExport(): Promise<readonly Measurement[]> {
  await using stage = await openStage();
  const { bench, server, folder } = stage;
  await server.sql(
    `create table sales as select n as id, 'customer number ' || n as name, (n % 10000) / 100.0 as price,
       timestamp '2026-01-01' + n * interval '1 second' as sold, n % 2 = 0 as paid from generate_series(1, ${ROWS}) as s(n)`,
  );
  await server.sql("analyze sales");
  const file = join(folder, "psql.csv");
  const psqlMs = psql(server, `\\copy (${SELECT}) to '${file}' with (format csv)`);
  const job = { type: "sqli", payload: SELECT, parameters: { conn_id: "pg", delimiter: "," } };
  const { run, runMs, peakMb } = await runJob(bench, "bench/export", job);
  if (run.status !== "complete") throw new Error(JSON.stringify(run.log));
  const ratio = runMs / psqlMs;
  return [
    {
      what: `${ROWS.toLocaleString("en")} rows out of PostgreSQL into S3 as CSV`,
      value: `${ms(runMs)}, worker ${peakMb.toFixed(0)} MB at most`,
      peer: `psql \\copy into a file ${ms(psqlMs)} (${megabytes(file)} MB), ratio ${ratio.toFixed(2)}`,
      budget: "3x, 250 MB",
      ok: ratio <= 3 && peakMb <= 250,
    },
  ];
}

/** 1 GB of CSV from S3 into PostgreSQL, beside `COPY` from a file of the server. */
export async function benchSqlLoad(): Promise<readonly Measurement[]> {
  await using stage = await openStage();
  const { bench, server, folder } = stage;
  const file = join(folder, "load.csv");
  await pipeline(Readable.from(csvOf(MEGABYTES * 1e6)), createWriteStream(file));
  await bench.realm.payloads.put("load.csv", { file });
  await server.sql(`create table peer (${COLUMNS}); create table sales (${COLUMNS})`);
  const copy = (): number => psql(server, `copy peer from '${file}' with (format csv)`);
  const copyBefore = copy();
  const [, bucket = "", key = ""] =
    /^s3:\/\/([^/]+)\/(.*)$/.exec(bench.realm.payloads.uri("load.csv")) ?? [];
  const parameters = {
    db_conn_id: "pg",
    bucket,
    key,
    schema: "public",
    table: "sales",
    mode: "append",
    args: ["FORMAT CSV"],
  };
  const { run, runMs, peakMb } = await runJob(bench, "bench/load", {
    type: "db_from_s3",
    payload: "--",
    parameters,
  });
  if (run.status !== "complete") throw new Error(JSON.stringify(run.log));
  // The server writes its log and its files for the first time, or it does not: the better of two is the peer.
  await server.sql("truncate peer");
  const copyMs = Math.min(copyBefore, copy());
  const ratio = runMs / copyMs;
  return [
    {
      what: `${megabytes(file)} MB of CSV from S3 into PostgreSQL`,
      value: `${ms(runMs)}, worker ${peakMb.toFixed(0)} MB at most`,
      peer: `COPY from a local file ${ms(copyMs)}, ratio ${ratio.toFixed(2)}`,
      budget: "1.5x",
      ok: ratio <= 1.5,
    },
  ];
}

async function openStage(): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const bench = stack.use(await benchRealm());
  const server = stack.use(await startPostgres({ ...process.env }));
  const { host, port, user, database } = server;
  const password = join(bench.folder, "password");
  writeFileSync(password, server.password, { mode: 0o600 });
  await bench.realm.connections.put({
    conn_id: "pg",
    type: "postgres",
    enabled: true,
    host,
    port,
    user,
    database,
    "x-lava-password-file": password,
  });
  const worker = await startProgram("worker", workerArgs(1), bench.env);
  stack.defer(() => worker.stop());
  workers.set(bench, worker.child.pid ?? 0);
  const owned = stack.move();
  return {
    bench,
    server,
    folder: server.folder,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const workers = new WeakMap<BenchRealm, number>();

async function runJob(
  bench: BenchRealm,
  job_id: string,
  job: DataMap,
): Promise<{ readonly run: RunRecord; readonly runMs: number; readonly peakMb: number }> {
  await bench.put({ job_id, ...job });
  const began = performance.now();
  const { run_id } = await bench.realm.dispatch({ job_id });
  let run: RunRecord | undefined;
  await until(
    async () => {
      run = await bench.realm.events.get({ job_id, run_id });
      return run !== undefined && /^(?:complete|failed)$/.test(run.status);
    },
    600_000,
    50,
  );
  const runMs = performance.now() - began;
  if (run === undefined) throw new Error("no run");
  return { run, runMs, peakMb: peakRssMb(workers.get(bench) ?? 0) };
}

/** Milliseconds of a command of psql, its start included. */
function psql(server: TestSqlServer, command: string): number {
  const { host, port, user, database, password } = server;
  const began = performance.now();
  execFileSync(
    "psql",
    [
      "-X",
      "-q",
      "-v",
      "ON_ERROR_STOP=1",
      "-h",
      host,
      "-p",
      String(port),
      "-U",
      user,
      "-d",
      database,
      "-c",
      command,
    ],
    { env: { ...process.env, PGPASSWORD: password }, stdio: ["ignore", "ignore", "inherit"] },
  );
  return performance.now() - began;
}

function megabytes(file: string): string {
  return (statSync(file).size / 1e6).toFixed(0);
}

function* csvOf(bytes: number): Generator<string> {
  let size = 0;
  for (let id = 1; size < bytes;) {
    let part = "";
    for (; part.length < 65_536; id += 1) {
      part += `${id},customer number ${id},${(id % 10_000) / 100},2026-01-01 00:00:${String(id % 60).padStart(2, "0")},${id % 2 === 0 ? "t" : "f"}\n`;
    }
    size += part.length;
    yield part;
  }
}
