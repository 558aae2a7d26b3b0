import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createAwsClients, createRealmResources } from "@lava/realm";
import { benchProject, writeSpec } from "./bench-project.ts";
import { type Measurement, median, ms } from "./measurement.ts";
import { startProgram, timeProgram } from "./processes.ts";
import { tempFolder } from "./temp-folder.ts";

const run = promisify(execFile);
const SPECS = 1000;

/**
 * `lava deploy` and `lava plan` of 1,000 jobs as whole processes, with the endpoint in another process; and boto3 that
 * puts the same items, without looking what is there, without a backup.
 */
export async function benchDeploy(): Promise<readonly Measurement[]> {
  using temp = tempFolder();
  using data = tempFolder();
  benchProject(temp.path, SPECS);
  const aws = await startProgram("aws", [data.path, "0"], process.env);
  try {
    const { endpoint, region, accessKeyId, secretAccessKey } = aws.announced;
    const credentials = {
      accessKeyId: String(accessKeyId),
      secretAccessKey: String(secretAccessKey),
    };
    await using clients = createAwsClients({
      region: String(region),
      endpoint: String(endpoint),
      credentials,
    });
    await createRealmResources(clients, {
      realm: "bench",
      workers: ["core"],
      bucket: "lava-bench",
    });
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: String(endpoint),
      AWS_REGION: String(region),
      AWS_DEFAULT_REGION: String(region),
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
    const lava = async (...args: string[]) => {
      const result = await timeProgram([...args, "--env", "dev"], { cwd: temp.path, env });
      if (result.status !== 0) throw new Error(result.stderr);
      return result;
    };
    await lava("build");
    const full = await lava("deploy");
    const unchanged = [await lava("plan"), await lava("plan"), await lava("plan")];
    writeSpec(temp.path, 7, "changed");
    const one = await lava("deploy");
    const back = await lava("rollback");
    const dist = join(temp.path, "dist/dev/lava-jobs");
    const files = readdirSync(dist).map((name) => join(dist, name));
    const started = performance.now();
    await run("python3", [join(import.meta.dirname, "put_items.py"), "lava.bench.jobs", ...files], {
      env,
    });
    const boto = performance.now() - started;
    const memory = (peakMb: number): string => `${Math.round(peakMb)} MB at most`;
    return [
      {
        what: "`lava deploy` of 1,000 built jobs that are new",
        value: `${ms(full.ms)}, ${memory(full.peakMb)}`,
        peer: `boto3 that only puts them, one process: ${ms(boto)}, ratio ${(full.ms / boto).toFixed(2)}`,
      },
      {
        what: "`lava plan` of them, unchanged",
        value: `${ms(median(unchanged.map((result) => result.ms)))}, ${memory(Math.max(...unchanged.map(({ peakMb }) => peakMb)))}`,
      },
      {
        what: "`lava deploy` with one of them changed",
        value: `${ms(one.ms)}, ${memory(one.peakMb)}`,
      },
      { what: "`lava rollback` of that", value: `${ms(back.ms)}, ${memory(back.peakMb)}` },
    ];
  } finally {
    await aws.stop();
  }
}
