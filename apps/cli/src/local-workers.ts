import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import * as z from "zod";
import type { CliContext } from "./command.ts";
import { devFolder, findProject } from "./dev/dev-folder.ts";

const localWorker = z.object({
  realm: z.string(),
  worker: z.string(),
  pid: z.number(),
  hostname: z.string(),
  state: z.string(),
  state_since: z.number().optional(),
  slots: z.number(),
  runs: z.array(
    z.object({
      job_id: z.string(),
      run_id: z.string(),
      epoch: z.number(),
      attempt: z.number(),
      since: z.number(),
      status: z.string(),
    }),
  ),
  counts: z.record(z.string(), z.unknown()),
});

/** What a worker of this host says of itself. */
export type LocalWorker = z.infer<typeof localWorker>;

const TIMEOUT_MS = 2000;

/**
 * Asks every worker of this host that this user may ask, at the sockets in their directories: below LAVA_TMPDIR (or
 * `/tmp/lava`), and those of the project's dev realm.
 */
export async function readLocalWorkers({ env, cwd }: CliContext): Promise<LocalWorker[]> {
  const project = findProject(cwd);
  const roots = [
    env["LAVA_TMPDIR"] || "/tmp/lava",
    ...(project === undefined ? [] : [devFolder(project).tmp]),
  ];
  const sockets: string[] = [];
  for (const root of new Set(roots)) {
    for (const realm of await names(root)) {
      for (const worker of await names(join(root, realm))) {
        sockets.push(join(root, realm, worker, "control.sock"));
      }
    }
  }
  const answers = await Promise.all(sockets.map((socket) => ask(socket)));
  return answers.filter((answer) => answer !== undefined);
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).toSorted();
}

/** Undefined where nobody answers any more. */
async function ask(socketPath: string): Promise<LocalWorker | undefined> {
  try {
    const body = await new Promise<string>((resolve, reject) => {
      const asked = request(
        { socketPath, path: "/state", signal: AbortSignal.timeout(TIMEOUT_MS) },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (part: string) => (text += part));
          response.once("end", () => {
            resolve(text);
          });
          response.once("error", reject);
        },
      );
      asked.once("error", reject);
      asked.end();
    });
    return localWorker.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}
