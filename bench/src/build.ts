import { execFile } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { benchProject, writeSpec } from "./bench-project.ts";
import { type Measurement, median, ms } from "./measurement.ts";
import { timeProgram } from "./processes.ts";
import { tempFolder } from "./temp-folder.ts";

const run = promisify(execFile);

/**
 * `lava build` as a whole process: all specs, nothing changed, one changed; and GNU make that runs one process for
 * each file, as the original does (which runs three).
 */
export async function benchBuild(): Promise<readonly Measurement[]> {
  return [...(await builds(1000, 3)), ...(await builds(10_000, 1))];
}

async function builds(specs: number, rounds: number): Promise<Measurement[]> {
  using temp = tempFolder();
  const { path: project } = temp;
  benchProject(project, specs);
  const full: Timed[] = [];
  const unchanged: Timed[] = [];
  const one: Timed[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rmSync(join(project, "dist"), { recursive: true, force: true });
    full.push(await build(project));
    const { length } = readdirSync(join(project, "dist/dev/lava-jobs"));
    if (length !== specs) throw new Error(`${length} jobs were built, not ${specs}`);
    unchanged.push(await build(project));
    writeSpec(project, 7, `changed ${round}`);
    one.push(await build(project));
  }
  const isBudgeted = specs === 1000;
  const peer = isBudgeted ? await makePeer(project) : undefined;
  const ratio = (times: readonly Timed[], other: number): string =>
    `${ms(other)}, ratio ${(median(times.map((time) => time.ms)) / other).toFixed(3)}`;
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
            peer: `make, one process a file, ${cpus().length} jobs: ${ratio(full, peer.full)}; original: 73 s for 200`,
          }),
      ...(isBudgeted ? { budget: "2 s", ok: median(full.map(({ ms }) => ms)) <= 2000 } : {}),
    }),
    line("the same, unchanged", unchanged, {
      ...(peer === undefined
        ? {}
        : { peer: `make: ${ratio(unchanged, peer.unchanged)}; original: 3 s for 200` }),
      ...(isBudgeted ? { budget: "0.3 s", ok: median(unchanged.map(({ ms }) => ms)) <= 300 } : {}),
    }),
    line(
      "the same, one spec changed",
      one,
      peer === undefined ? {} : { peer: `make: ${ratio(one, peer.one)}` },
    ),
  ];
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

/** GNU make with one process for each file, on the same specs. */
async function makePeer(
  project: string,
): Promise<{ full: number; unchanged: number; one: number }> {
  rmSync(join(project, "dist"), { recursive: true, force: true });
  const script = join(import.meta.dirname, "render_one.py");
  writeFileSync(
    join(project, "Makefile"),
    `all: $(patsubst lava-jobs/%.yaml,dist/%.json,$(wildcard lava-jobs/*.yaml))\ndist/%.json: lava-jobs/%.yaml config/dev.yaml\n\t@mkdir -p dist && python3 ${script} $< config/dev.yaml $@\n`,
  );
  const time = async (): Promise<number> => {
    const started = performance.now();
    await run("make", [`-j${cpus().length}`], { cwd: project });
    return performance.now() - started;
  };
  const [full, unchanged] = [await time(), await time()];
  writeSpec(project, 7, "changed for make");
  return { full, unchanged, one: await time() };
}
