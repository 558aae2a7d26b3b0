// `npm run bench [NAME...]`: runs the benchmarks and prints a table; --write puts it into bench/README.md.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { benchBuild } from "./src/build.ts";
import { benchChildren } from "./src/children.ts";
import { benchCommand } from "./src/command.ts";
import { benchDemo } from "./src/demo.ts";
import { benchDeploy } from "./src/deploy.ts";
import { benchFunctions } from "./src/functions.ts";
import { benchLatency } from "./src/latency.ts";
import type { Measurement } from "./src/measurement.ts";
import { benchNextTimes } from "./src/next-times.ts";
import { benchRender } from "./src/render.ts";
import { benchSchedule } from "./src/schedule.ts";
import { benchSqlExport, benchSqlLoad } from "./src/sql-jobs.ts";
import { benchThroughput } from "./src/throughput.ts";
import { benchWorkerStart } from "./src/worker-start.ts";

const benchmarks: Readonly<Record<string, () => Promise<readonly Measurement[]>>> = {
  demo: benchDemo,
  build: benchBuild,
  deploy: benchDeploy,
  latency: benchLatency,
  render: benchRender,
  throughput: benchThroughput,
  children: benchChildren,
  schedule: benchSchedule,
  "next-times": benchNextTimes,
  worker: benchWorkerStart,
  command: benchCommand,
  functions: benchFunctions,
  "sql-export": benchSqlExport,
  "sql-load": benchSqlLoad,
};

// What was started and made goes when this process ends.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const args = process.argv.slice(2);
const wanted = args.filter((arg) => !arg.startsWith("-"));
const names = wanted.length > 0 ? wanted : Object.keys(benchmarks);
const root = join(import.meta.dirname, "..");

execFileSync("turbo", ["run", "build", "--filter=@lava/cli", "--output-logs=errors-only"], {
  cwd: root,
  stdio: ["ignore", 2, 2],
});
const rows: Measurement[] = [];
for (const name of names) {
  const benchmark = benchmarks[name];
  if (benchmark === undefined) {
    console.error(`no benchmark ${name}; there are ${Object.keys(benchmarks).join(", ")}`);
    process.exit(2);
  }
  console.error(`${name} ...`);
  rows.push(...(await benchmark()));
}
const table = [
  "| what | measured | peer in the same run | budget | |",
  "| --- | --- | --- | --- | --- |",
  ...rows.map(
    (row) =>
      `| ${row.what} | ${row.value} | ${row.peer ?? ""} | ${row.budget ?? ""} | ${row.ok === undefined ? "" : row.ok ? "ok" : "over"} |`,
  ),
].join("\n");
console.log(table);
if (args.includes("--write")) {
  const file = join(import.meta.dirname, "README.md");
  const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node.js ${process.versions.node}`;
  const text = readFileSync(file, "utf8").replace(
    /(<!-- figures -->)[\s\S]*(<!-- \/figures -->)/,
    (_, open: string, close: string) => `${open}\n${machine}.\n\n${table}\n${close}`,
  );
  writeFileSync(file, text);
}
