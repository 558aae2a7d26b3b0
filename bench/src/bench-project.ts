import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CONFIG = `realm: bench
owner: bench
prefix: { job: bench, payload: bench, s3trigger: bench, docker_repo: lava/bench, rule: lava.bench.bench }
docker: { base_img: base, platform: linux/amd64 }
worker: { main: core }
`;

/** A project with so many jobs, each of which renders a few values and includes a file. */
export function benchProject(folder: string, specs: number): void {
  mkdirSync(join(folder, "config"));
  mkdirSync(join(folder, "lava-jobs/_common"), { recursive: true });
  writeFileSync(join(folder, "config/dev.yaml"), CONFIG);
  writeFileSync(
    join(folder, "lava-jobs/_common/job.yaml"),
    "owner: <{ owner }>\nenabled: true\nworker: <{ worker.main }>\n",
  );
  for (let index = 0; index < specs; index += 1) writeSpec(folder, index, "first");
}

/** Writes one of its jobs (anew). */
export function writeSpec(folder: string, index: number, description: string): void {
  writeFileSync(
    join(folder, `lava-jobs/job-${index}.yaml`),
    `job_id: <{ prefix.job }>/job-${index}\ndescription: ${description} ${index}\n<% include '_common/job.yaml' %>\ntype: cmd\npayload: echo {{ job.job_id }} ${index}\nparameters:\n  args: ["<{ env }>"]\n  timeout: 5m\n`,
  );
}
