import { dirname, delimiter, join } from "node:path";
import { type Data, type DataMap, nullLogger } from "@lava/core";
import { startLocalAws } from "@lava/local-aws";
import { createAwsClients, createRealmResources, openRealm, type Realm } from "@lava/realm";
import { tempFolder } from "./temp-folder.ts";

/** A realm in this process, for worker processes to be measured against. */
export interface BenchRealm extends AsyncDisposable {
  readonly realm: Realm;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** AWS calls so far, by operation. */
  readonly calls: Map<string, number>;
  put(job: DataMap): Promise<void>;
}

export const WORKER = "bench";

/** Starts an endpoint with one realm and one worker's queue. */
export async function benchRealm(): Promise<BenchRealm> {
  const temp = tempFolder();
  const folder = temp.path;
  const calls = new Map<string, number>();
  const aws = await startLocalAws({
    dataDir: join(folder, "aws"),
    onRequest: ({ service, operation }) => {
      const name = `${service}:${operation}`;
      calls.set(name, (calls.get(name) ?? 0) + 1);
    },
  });
  const env = {
    ...process.env,
    ...aws.environment,
    PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
    LAVA_TMPDIR: join(folder, "tmp"),
  };
  const clients = createAwsClients({
    region: aws.region,
    endpoint: aws.endpoint,
    credentials: aws.credentials,
  });
  // The original does not run a job in a realm without a key.
  const record = { s3_key: "alias/lava-bench-user" };
  const resources = { realm: "bench", workers: [WORKER], bucket: "lava-bench" };
  await createRealmResources(clients, { ...resources, record });
  const realm = await openRealm("bench", { clients, env, logger: nullLogger });
  return {
    realm,
    folder,
    env,
    calls,
    put: (job) =>
      realm.jobs.put({ worker: WORKER, enabled: true, owner: "bench", description: "", ...job }),
    async [Symbol.asyncDispose]() {
      await clients[Symbol.asyncDispose]();
      await aws[Symbol.asyncDispose]();
      temp[Symbol.dispose]();
    },
  };
}

/** Arguments of a worker process of the bench realm. */
export function workerArgs(threads: number): string[] {
  return [
    "--realm",
    "bench",
    "--worker",
    WORKER,
    "--threads",
    String(threads),
    "--level",
    "error",
    "--root",
  ];
}

/** A `cmd` job. */
export function cmdJob(
  job_id: string,
  payload: string,
  parameters: Record<string, Data> = {},
): DataMap {
  return { job_id, type: "cmd", payload, parameters };
}
