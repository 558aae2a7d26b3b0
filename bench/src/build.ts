import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Measurement, median, ms } from "./measurement.ts";
import { timeProgram } from "./processes.ts";
import { tempFolder } from "./temp-folder.ts";

const run = promisify(execFile);

const CONFIG = `realm: bench
owner: bench
prefix: { job: bench, payload: bench, s3trigger: bench, docker_repo: lava/bench, rule: lava.bench.bench }
docker: { base_img: base, platform: linux/amd64 }
worker: { main: core }
`;

/** Specs that the peer builds; its time grows with their number. */
const PEER_SPECS = 200;

/**
 * `lava build` as a whole process: all specs, nothing changed, one changed; and GNU make that runs one process for
 * each file, as the original does (which runs three).
 */
export async function benchBuild(): Promise<readonly Measurement[]> {
  return [...(await builds(1000, 3)), ...(await builds(10_000, 1))];
}

async function builds(specs: number, rounds: number): Promise<Measurement[]> {
  using temp = tempFolder();
  const project = temp.path;
  const writeSpec = (index: number, description: string): void => {
    writeFileSync(join(project, `lava-jobs/job-${index}.yaml`), spec(index, description));
  };
  mkdirSync(join(project, "config"));
  mkdirSync(join(project, "lava-jobs/_common"), { recursive: true });
  writeFileSync(join(project, "config/dev.yaml"), CONFIG);
  writeFileSync(
    join(project, "lava-jobs/_common/job.yaml"),
    "owner: <{ owner }>\nenabled: true\nworker: <{ worker.main }>\n",
  );
  for (let index = 0; index < specs; index += 1) writeSpec(index, "first");
  const full: Timed[] = [];
  const unchanged: Timed[] = [];
  const one: Timed[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rmSync(join(project, "dist"), { recursive: true, force: true });
    full.push(await build(project));
    const { length } = readdirSync(join(project, "dist/dev/lava-jobs"));
    if (length !== specs) throw new Error(`${length} jobs were built, not ${specs}`);
    unchanged.push(await build(project));
    writeSpec(7, `changed ${round}`);
    one.push(await build(project));
  }
  const isBudgeted = specs === 1000;
  const peer = isBudgeted ? await makePeer(project) : undefined;
  const perSpec = (peer?.full ?? 0) / PEER_SPECS;
  const ratio = median(full.map(({ ms }) => ms)) / specs / perSpec;
  const line = (
    what: string,
    times: readonly Timed[],
    rest: Partial<Measurement>,
  ): Measurement => ({
    what,
    value: `${ms(median(times.map((time) => time.ms)))}, ${Math.round(median(times.map(({ peakMb }) => peakMb)))} MB at most`,
    ...rest,
  });
  const count = specs.toLocaleString("en");
  return [
    line(`\`lava build\` of ${count} job specs, full`, full, {
      ...(peer === undefined
        ? {}
        : {
            peer: `make, one process a file, ${cpus().length} jobs: ${ms(peer.full)} for ${PEER_SPECS}, ratio a spec ${ratio.toFixed(3)}; original: 73 s for 200`,
          }),
      ...(isBudgeted ? { budget: "2 s", ok: median(full.map(({ ms }) => ms)) <= 2000 } : {}),
    }),
    line("the same, unchanged", unchanged, {
      ...(peer === undefined
        ? {}
        : { peer: `make: ${ms(peer.unchanged)} for ${PEER_SPECS}; original: 3 s for 200` }),
      ...(isBudgeted ? { budget: "0.3 s", ok: median(unchanged.map(({ ms }) => ms)) <= 300 } : {}),
    }),
    line("the same, one spec changed", one, {}),
  ];
}

function spec(index: number, description: string): string {
  return `job_id: <{ prefix.job }>/job-${index}\ndescription: ${description} ${index}\n<% include '_common/job.yaml' %>\ntype: cmd\npayload: echo {{ job.job_id }} ${index}\nparameters:\n  args: ["<{ env }>"]\n  timeout: 5m\n`;
}

interface Timed {
  readonly ms: number;
  readonly peakMb: number;
}

async function build(project: string): Promise<Timed> {
  const result = await timeProgram(["build", "--env", "dev"], { cwd: project });
  if (result.status !== 0) throw new Error(result.stderr);
  return result;
}

/** GNU make with one process for each file, on the first of the specs. */
async function makePeer(project: string): Promise<{ full: number; unchanged: number }> {
  using temp = tempFolder();
  cpSync(join(project, "config"), join(temp.path, "config"), { recursive: true });
  mkdirSync(join(temp.path, "lava-jobs"));
  for (const name of [
    "_common",
    ...Array.from({ length: PEER_SPECS }, (_, at) => `job-${at}.yaml`),
  ]) {
    cpSync(join(project, "lava-jobs", name), join(temp.path, "lava-jobs", name), {
      recursive: true,
    });
  }
  const script = join(import.meta.dirname, "render_one.py");
  writeFileSync(
    join(temp.path, "Makefile"),
    `all: $(patsubst lava-jobs/%.yaml,dist/%.json,$(wildcard lava-jobs/*.yaml))\ndist/%.json: lava-jobs/%.yaml config/dev.yaml\n\t@mkdir -p dist && python3 ${script} $< config/dev.yaml $@\n`,
  );
  const time = async (): Promise<number> => {
    const started = performance.now();
    await run("make", [`-j${cpus().length}`], { cwd: temp.path });
    return performance.now() - started;
  };
  return { full: await time(), unchanged: await time() };
}
