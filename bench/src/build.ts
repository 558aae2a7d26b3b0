import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Measurement, median, ms } from "./measurement.ts";
import { timeProgram } from "./processes.ts";
import { tempFolder } from "./temp-folder.ts";

const SPECS = 1000;
const CONFIG = `realm: bench
owner: bench
prefix: { job: bench, payload: bench, s3trigger: bench, docker_repo: lava/bench, rule: lava.bench.bench }
docker: { base_img: base, platform: linux/amd64 }
worker: { main: core }
`;

/** `lava build` of 1,000 job specs as a whole process: all of them, then with nothing changed. */
export async function benchBuild(): Promise<readonly Measurement[]> {
  using temp = tempFolder();
  const project = temp.path;
  mkdirSync(join(project, "config"));
  mkdirSync(join(project, "lava-jobs/_common"), { recursive: true });
  writeFileSync(join(project, "config/dev.yaml"), CONFIG);
  writeFileSync(
    join(project, "lava-jobs/_common/job.yaml"),
    "owner: <{ owner }>\nenabled: true\nworker: <{ worker.main }>\n",
  );
  for (let i = 0; i < SPECS; i += 1) {
    writeFileSync(
      join(project, `lava-jobs/job-${i}.yaml`),
      `job_id: <{ prefix.job }>/job-${i}\ndescription: job ${i}\n<% include '_common/job.yaml' %>\ntype: cmd\npayload: echo {{ job.job_id }} ${i}\nparameters:\n  args: ["<{ env }>"]\n  timeout: 5m\n`,
    );
  }
  const full: number[] = [];
  const unchanged: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    rmSync(join(project, "dist"), { recursive: true, force: true });
    full.push(await build(project));
    const { length } = readdirSync(join(project, "dist/dev/lava-jobs"));
    if (length !== SPECS) throw new Error(`${length} jobs were built, not ${SPECS}`);
    unchanged.push(await build(project), await build(project));
  }
  return [
    {
      what: "`lava build` of 1,000 job specs, full",
      value: ms(median(full)),
      peer: "original: 73 s for 200",
      budget: "2 s",
      ok: median(full) <= 2000,
    },
    {
      what: "the same, unchanged",
      value: ms(median(unchanged)),
      peer: "original: 3 s for 200",
      budget: "0.3 s",
      ok: median(unchanged) <= 300,
    },
  ];
}

async function build(project: string): Promise<number> {
  const result = await timeProgram(["build", "--env", "dev"], { cwd: project });
  if (result.status !== 0) throw new Error(result.stderr);
  return result.ms;
}
