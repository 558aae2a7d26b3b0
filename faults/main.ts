// `npm run test:faults -- scheduler [--seed N --slots N --row TEXT]`: schedulers.
// `npm run test:faults [-- --seed N --runs N --row TEXT --report FILE]`: the fault matrix.
import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { formatViolation } from "@lava/testing";
import { runRound } from "./src/rig/round.ts";
import { rows } from "./src/rows/index.ts";

// What was started goes when this process ends.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
if (process.argv[2] === "scheduler") {
  const { schedulersMain } = await import("./src/scheduler/main.ts");
  process.exit(await schedulersMain(process.argv.slice(3)));
}
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e6)) },
    /** Runs in each row. */
    runs: { type: "string", default: "60" },
    /** Runs in each round: a round has its own realm, workers and seed. */
    size: { type: "string", default: "60" },
    /** Only rows whose name has this in it. */
    row: { type: "string", default: "" },
    /** One JSON line for each row is added to this file. */
    report: { type: "string" },
  },
});
const [seed, runs, size] = [Number(values.seed), Number(values.runs), Number(values.size)];
if (![seed, runs, size].every((value) => Number.isInteger(value)) || runs < 1 || size < 1) {
  complain("--seed, --runs and --size are whole numbers");
  process.exit(2);
}
const wanted = rows.filter(({ name }) => name.includes(values.row));
if (wanted.length === 0) {
  complain(`no row ${values.row}; there are: ${rows.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
say(`seed ${seed}; ${wanted.length} rows, ${runs} runs each`);
let broken = 0;
for (const row of wanted) {
  let wasFelt = false;
  const total = { runs: 0, executions: 0, repeated: 0, faults: 0, violations: 0, seconds: 0 };
  for (let round = 0; total.runs < runs; round += 1) {
    const result = await runRound(row, seed + round, Math.min(size, runs - total.runs));
    wasFelt ||= result.wasFelt;
    total.runs += result.runs;
    total.executions += result.executions;
    total.repeated += result.repeated;
    total.faults += [...result.effects.values()].reduce((sum, count) => sum + count, 0);
    total.violations += result.violations.length;
    total.seconds += result.seconds;
    for (const violation of result.violations.slice(0, 20)) {
      say(`  ${formatViolation(violation)}`);
    }
    if (result.violations.length > 0) {
      say(`  --seed ${seed + round} --runs ${size} --row "${row.name}"; logs: ${result.folder}`);
    }
  }
  broken += total.violations + (wasFelt ? 0 : 1);
  say(
    `${total.violations > 0 ? "VIOLATED" : wasFelt ? "ok" : "IN VAIN"}  ${row.name}: ${total.runs} runs, ${total.executions} executions, ${total.repeated} of them repeated, ` +
      `${total.faults} faults of services, ${total.violations} violations, ${total.seconds.toFixed(0)} s`,
  );
  if (values.report !== undefined) {
    appendFileSync(
      values.report,
      `${JSON.stringify({ row: row.name, about: row.about, seed, ...total })}\n`,
    );
  }
}
process.exitCode = broken === 0 ? 0 : 1;
