import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Measurement } from "./measurement.ts";
import { childrenOf, ROOT, rssMb, timeProgram } from "./processes.ts";

const PROJECT = join(ROOT, "examples/quickstart");

/** `npm run demo` once installed: time to the first finished job, and memory of the realm's processes. */
export async function benchDemo(): Promise<readonly Measurement[]> {
  await timeProgram(["dev", "reset"], { cwd: PROJECT });
  const demo = spawn("npm", ["run", "demo"], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  let most = 0;
  demo.stdout.on("data", (chunk) => (output += String(chunk)));
  const sampling = setInterval(() => {
    most = Math.max(most, realmRss());
  }, 100);
  const status = await new Promise<number | null>((resolve) => demo.once("close", resolve));
  clearInterval(sampling);
  await timeProgram(["dev", "reset"], { cwd: PROJECT });
  // What was not as expected gives no figures.
  if (status !== 0) throw new Error(`the demo ended with ${status}\n${output}`);
  const first = Number(/first job done after ([\d.]+) s/.exec(output)?.[1]);
  const all = /all after ([\d.]+) s/.exec(output)?.[1];
  return [
    {
      what: "`npm run demo`, installed: first job done",
      value: `${first} s`,
      peer: `all runs and the report ${all} s`,
      budget: "10 s",
      ok: first <= 10,
    },
    {
      what: "memory of the realm (endpoint, worker, watchdog), most",
      value: `${most.toFixed(0)} MB`,
      budget: "300 MB",
      ok: most <= 300,
    },
  ];
}

/** Memory of everything that the pid files name, with their children. */
function realmRss(): number {
  try {
    const folder = join(PROJECT, ".lava-dev/processes");
    const pids = readdirSync(folder).map((name) =>
      Number(JSON.parse(readFileSync(join(folder, name), "utf8")).pid),
    );
    // Children of a worker are its watchdog and payloads; payloads are not the realm's.
    const watchdogs = pids
      .flatMap((pid) => childrenOf(pid))
      .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("watchdog"));
    return [...pids, ...watchdogs].reduce((sum, pid) => sum + (rssMb(pid) ?? 0), 0);
  } catch {
    return 0;
  }
}
