// `npm run demo`: the quickstart project through the whole of lava, on this machine. Every step is a command that
// you could type; the demo only starts them, watches, and checks that all came out as expected.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";

const started = performance.now();
/** Times of runs are whole seconds. */
const began = Math.floor(Date.now() / 1000) * 1000;
const root = join(import.meta.dirname, "../..");
const project = import.meta.dirname;
const cli = join(root, "apps/cli/dist/lava.js");
const data = join(project, ".lava-dev/quickstart");
const env = { ...process.env, LAVA_QUICKSTART_DATA: data, LAVA_REALM: undefined };
const run = promisify(execFile);
const colour = process.stdout.isTTY && !process.env["NO_COLOR"];
const paint = (code: number, text: string): string =>
  colour ? `\u001B[${code}m${text}\u001B[0m` : text;
const problems: string[] = [];

interface Run {
  readonly job_id: string;
  readonly run_id: string;
  readonly status: string;
  readonly queued: string | null;
  readonly started: string | null;
  readonly took: number | null;
  readonly error: string | null;
  readonly outputs: readonly string[];
}

/** Runs `lava ARGS` in the project and returns what it printed. */
async function lava(...args: string[]): Promise<string> {
  const { stdout } = await run(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", cli, ...args],
    {
      cwd: project,
      env,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return stdout;
}

async function json<T>(...args: string[]): Promise<T> {
  const value: T = JSON.parse(await lava(...args, "--json"));
  return value;
}

/** A step of the demo, announced by the command that does it. */
function step(command: string): void {
  const at = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
  console.log(`${paint(2, `${at} s`)}  ${paint(36, `$ ${command}`)}`);
}

function expect(condition: boolean, what: string): void {
  if (!condition) problems.push(what);
}

/** Asks until the runs are as they should be, printing each change of a run's status. */
async function until(
  what: string,
  done: (runs: readonly Run[]) => boolean,
  seconds: number,
): Promise<readonly Run[]> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    // Runs of an earlier demo are still there.
    const runs = (await json<Run[]>("runs", "--limit", "100")).filter(
      ({ queued }) => queued !== null && Date.parse(queued) >= began,
    );
    report(runs);
    if (done(runs)) return runs;
    if (performance.now() > deadline) {
      problems.push(`${what}: not within ${seconds} s`);
      return runs;
    }
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

const reported = new Map<string, string>();
let firstDone: number | undefined;

function report(runs: readonly Run[]): void {
  for (const { job_id, run_id, status, error } of runs.toReversed()) {
    const key = `${job_id} ${run_id}`;
    if (reported.get(key) === status) continue;
    reported.set(key, status);
    if (status === "complete") firstDone ??= performance.now();
    const tint =
      status === "complete"
        ? 32
        : ["failed", "rejected", "action_failed"].includes(status)
          ? 31
          : 33;
    const at = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
    console.log(
      `${paint(2, `${at} s`)}  ${paint(tint, status.padEnd(9))} ${job_id} ${paint(2, run_id.slice(0, 8))}${error === null ? "" : `  ${error}`}`,
    );
  }
}

const over = (status: string): boolean =>
  ["complete", "failed", "skipped", "rejected", "action_failed"].includes(status);
/** The run that was queued last, as the second argument of `logs`. */
const latestOf = (runs: readonly Run[], job: string): string =>
  of(runs, job).toSorted((a, b) => Date.parse(b.started ?? "") - Date.parse(a.started ?? ""))[0]
    ?.run_id ?? "";
const of = (runs: readonly Run[], job: string): Run[] =>
  runs.filter(({ job_id }) => job_id === `quickstart/${job}`);

async function buildCommand(): Promise<void> {
  step("pnpm turbo run build --filter=@lava/cli   (the lava command, from its sources)");
  await run("turbo", ["run", "build", "--filter=@lava/cli", "--output-logs=errors-only"], {
    cwd: root,
  });
}

async function main(): Promise<void> {
  await buildCommand();

  step("lava check");
  await lava("check");
  step("lava build --env uat   (the same sources, another environment)");
  await lava("build", "--env", "uat");

  step("lava dev up --env dev   (AWS endpoint, realm, deployment, worker)");
  console.log((await lava("dev", "up", "--env", "dev")).trimEnd());

  const built = (name: string): string => readFileSync(join(project, "dist", name), "utf8");
  expect(
    built("dev/lava-jobs/load.json") !== built("uat/lava-jobs/load.json"),
    "dev and uat build the same load job",
  );
  expect(
    !existsSync(join(project, "dist/uat/lava-jobs/sandbox.json")) ||
      built("uat/lava-jobs/sandbox.json").trim() === "null",
    "sandbox is built for uat",
  );

  const jobs = ["weather", "flaky", "nightly", "sandbox"].map((job) => `quickstart/${job}`);
  step(`lava dispatch ${jobs.join(" ")}`);
  await lava("dispatch", ...jobs);
  let runs = await until(
    "pipeline, report and alert",
    (now) =>
      [...jobs, "quickstart/report", "quickstart/alert"].every((job) =>
        now.some(({ job_id, status }) => job_id === job && over(status)),
      ) || of(now, "weather").some(({ status }) => over(status) && status !== "complete"),
    90,
  );
  const python = await hasPython();
  const later = ["quickstart/last-report", ...(python ? ["quickstart/histogram"] : [])];
  step(`lava dispatch ${later.join(" ")}`);
  await lava("dispatch", ...later);
  runs = await until(
    "the jobs that come after the report",
    (now) =>
      now.filter(({ job_id }) => later.includes(job_id)).every(({ status }) => over(status)) &&
      later.every(
        (job) =>
          now.filter(({ job_id, status }) => job_id === job && over(status)).length >=
          (job.endsWith("last-report") ? 2 : 1),
      ),
    60,
  );
  await verify(runs, python);

  const [report0] = of(runs, "report");
  const page = join(project, ".lava-dev/report.html");
  if (report0 !== undefined) {
    step(`lava logs quickstart/report --name report.mjs.stdout --output ${relative(root, page)}`);
    await lava("logs", "quickstart/report", "--name", "report.mjs.stdout", "--output", page);
    expect(readFileSync(page, "utf8").includes("<svg"), "the report has no chart");
  }

  const seconds = Math.ceil((Date.now() - began) / 1000);
  step(`lava runs --since ${seconds}s`);
  console.log(await lava("runs", "--since", `${seconds}s`));
  summary(page, python);
}

async function hasPython(): Promise<boolean> {
  try {
    await run("python3", ["-c", "import sqlite3"]);
    return true;
  } catch {
    return false;
  }
}

/** What must be true at the end. */
async function verify(runs: readonly Run[], python: boolean): Promise<void> {
  const good = [
    "preflight",
    "load",
    "year",
    "by-year",
    "by-month",
    "records",
    "compare",
    "weather",
    "report",
    "alert",
    "nightly",
    "last-report",
    "sandbox",
  ];
  if (python) good.push("histogram");
  for (const job of good) {
    const bad = of(runs, job).find(({ status }) => status !== "complete");
    expect(of(runs, job).length > 0, `${job} did not run`);
    expect(bad === undefined, `${job} ended as ${bad?.status}: ${bad?.error}`);
  }
  expect(of(runs, "flaky")[0]?.status === "failed", "flaky did not fail");
  const state = await json<{ value: { run_id: string } }>(
    "state",
    "get",
    "quickstart/last-report",
  ).catch(() => undefined);
  expect(
    state?.value.run_id === of(runs, "report")[0]?.run_id,
    "the state item is not that of the report",
  );
  const said = await lava("logs", "quickstart/last-report", latestOf(runs, "last-report")).catch(
    () => "",
  );
  expect(said.includes("s3://"), `the last-report job did not see the state item: ${said.trim()}`);
  const alert = await lava("logs", "quickstart/alert").catch(() => "");
  expect(
    alert.includes("quickstart/flaky"),
    `the alert does not name the job that failed: ${alert.trim()}`,
  );
}

function summary(page: string, python: boolean): void {
  if (firstDone !== undefined)
    console.log(
      `first job done after ${((firstDone - started) / 1000).toFixed(1)} s, all after ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
  if (!python) console.log("python3 was not found: the histogram job was left out");
  if (problems.length > 0) {
    console.log(paint(31, "Not as expected:"));
    for (const problem of problems) console.log(`  ${problem}`);
    process.exitCode = 1;
    return;
  }
  const here = relative(process.cwd(), project) || ".";
  console.log(`
${paint(32, "All as expected.")}
  report    ${page}
  realm     ${join(project, ".lava-dev")}   (data, logs; still running)
  project   ${project}

Try next:
  cd ${here}
  npm run lava -- runs                                 what has run
  npm run lava -- events quickstart/flaky              what happened, event by event
  npm run lava -- run quickstart/records --local       one job in one process
  npm run lava -- plan --env dev --dev                 after an edit: what would change
  npm run lava -- dev down                             stop the realm; dev reset removes it`);
}

try {
  await main();
} catch (error) {
  const { stderr, message } = Object(error);
  console.error(paint(31, "The demo stopped:"), stderr || message);
  process.exitCode = 1;
}
