import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Canaries } from "./canaries.ts";

/** A secret that somebody can see in the list of processes. */
export interface SeenSecret {
  readonly secret: string;
  /** `cmdline` or `environ`, and the program. */
  readonly where: string;
}

/** Looks at the arguments and environments of all processes of the machine, again and again until disposed of. */
export function watchProcesses(canaries: Canaries): AsyncDisposable & {
  readonly seen: readonly SeenSecret[];
  /** How often all were looked at. */
  readonly rounds: () => number;
} {
  const seen: SeenSecret[] = [];
  let rounds = 0;
  const end = new AbortController();
  const watching = (async () => {
    while (!end.signal.aborted) {
      seen.push(...(await lookAtProcesses(canaries)));
      rounds += 1;
      await delay(40, undefined, { signal: end.signal }).catch(() => undefined);
    }
  })();
  return {
    seen,
    rounds: () => rounds,
    async [Symbol.asyncDispose]() {
      end.abort();
      await watching;
    },
  };
}

async function lookAtProcesses(canaries: Canaries): Promise<SeenSecret[]> {
  const seen: SeenSecret[] = [];
  for (const id of await readdir("/proc")) {
    if (!/^\d+$/.test(id)) continue;
    // A process that is gone, or another user's.
    const read = (file: string) => readFile(`/proc/${id}/${file}`, "latin1").catch(() => "");
    const cmdline = await read("cmdline");
    for (const [file, content] of [
      ["cmdline", cmdline],
      ["environ", await read("environ")],
    ] as const) {
      const program = cmdline.split("\0")[0] ?? id;
      for (const secret of canaries.in(content))
        seen.push({ secret, where: `${file} of ${program}` });
    }
  }
  return seen;
}
