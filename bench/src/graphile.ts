import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Logger, makeWorkerUtils, run, type TaskList } from "graphile-worker";
import { epochMs, until } from "./measurement.ts";
import { withPostgres } from "./postgres.ts";

/** The peer: graphile-worker, the same payload, the same measure. Undefined where there is no PostgreSQL server. */
export function graphileLatencies(runs: number, folder: string): Promise<number[] | undefined> {
  return withPostgres(folder, (connection) => measure(runs, connection, join(folder, "marks")));
}

/** Jobs a second of the peer with so many slots, all of them queued before it starts. */
export function graphileRates(
  jobs: number,
  slots: readonly number[],
  folder: string,
): Promise<ReadonlyMap<number, number> | undefined> {
  return withPostgres(folder, async (connectionString) => {
    const rates = new Map<number, number>();
    for (const concurrency of slots) {
      rates.set(concurrency, await rateOf(jobs, concurrency, connectionString));
    }
    return rates;
  });
}

async function rateOf(
  jobs: number,
  concurrency: number,
  connectionString: string,
): Promise<number> {
  const logger = new Logger(() => () => undefined);
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  for (let i = 0; i < jobs; i += 1) await utils.addJob("true", {});
  let done = 0;
  const taskList: TaskList = {
    true: async () => {
      const child = spawn("true", { stdio: "ignore", detached: true });
      await new Promise((resolve) => child.once("close", resolve));
      done += 1;
    },
  };
  const started = performance.now();
  const options = { connectionString, concurrency, taskList, logger };
  const runner = await run({ ...options, noHandleSignals: true, parsedCronItems: [] });
  try {
    await until(() => done >= jobs, 60_000, 2);
    return jobs / ((performance.now() - started) / 1000);
  } finally {
    await runner.stop();
    await utils.release();
  }
}

async function measure(runs: number, connectionString: string, marks: string): Promise<number[]> {
  mkdirSync(marks);
  const logger = new Logger(() => () => undefined);
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  const runner = await run({
    connectionString,
    concurrency: 4,
    noHandleSignals: true,
    parsedCronItems: [],
    logger,
    taskList: {
      mark: async (payload) => {
        const child = spawn(
          "bash",
          ["-c", 'echo $EPOCHREALTIME > "$0"', String(Object(payload).file)],
          { stdio: "ignore", detached: true },
        );
        await new Promise((resolve) => child.once("close", resolve));
      },
    },
  });
  const values: number[] = [];
  try {
    for (let i = 0; i < runs + 10; i += 1) {
      const file = join(marks, String(i));
      await utils.addJob("mark", { file });
      const queued = epochMs();
      await until(() => existsSync(file) && readFileSync(file, "utf8") !== "", 10_000, 2);
      if (i >= 10)
        values.push(Number(readFileSync(file, "utf8").replace(",", ".")) * 1000 - queued);
    }
  } finally {
    await runner.stop();
    await utils.release();
  }
  return values;
}
