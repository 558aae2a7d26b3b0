import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isMap } from "@lava/core";
import type { DispatchRequest, Realm, RunRecord } from "@lava/realm";
import { type EmulatedRealm, emulatedRealm, type EmulatedRealmOptions } from "./realm.ts";

/** What {@link pluginRealm} starts a worker with. */
export interface PluginWorkerOptions<P> {
  readonly realm: Realm;
  readonly worker: string;
  readonly threads: number;
  readonly wait: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly plugins: P;
}

/** Options of {@link pluginRealm}. */
export interface PluginRealmOptions<P> extends EmulatedRealmOptions {
  /** `startWorker` of `@lava/worker`: the real one. */
  readonly startWorker: (options: PluginWorkerOptions<P>) => Promise<AsyncDisposable>;
  /** What `joinPlugins` or `loadPlugins` of `@lava/worker` gave. */
  readonly plugins: P;
  /** Milliseconds in which a run has to end; 10,000 by default. */
  readonly timeoutMs?: number;
}

/** A realm with a worker that knows plug-ins. */
export interface PluginRealm extends EmulatedRealm {
  /** Dispatches a job and waits until it has ended, actions included. */
  run(job_id: string, more?: Omit<DispatchRequest, "job_id">): Promise<RunRecord>;
}

/**
 * Runs jobs of a plug-in's types, actions, sources and connections in a whole realm on this machine.
 *
 * @example
 *   await using at = await pluginRealm({ startWorker, plugins: joinPlugins([plugin]), jobs: [{ job_id: "a", type: "mine" }] });
 *   expect((await at.run("a")).status).toBe("complete");
 */
export async function pluginRealm<P>(options: PluginRealmOptions<P>): Promise<PluginRealm> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "lava-plugin-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const env = { LAVA_TMPDIR: folder, ...options.env };
  const emulated = stack.use(await emulatedRealm({ ...options, env }));
  stack.use(
    await options.startWorker({
      realm: emulated.realm,
      worker: options.workers?.[0] ?? "core",
      threads: 2,
      wait: 1,
      env: {
        PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
        ...emulated.environment,
      },
      plugins: options.plugins,
    }),
  );
  const owned = stack.move();
  return {
    ...emulated,
    async run(job_id, more = {}) {
      const run = await emulated.realm.dispatch({ ...more, job_id });
      const tries = Math.ceil((options.timeoutMs ?? 10_000) / 20);
      for (let n = 0; n < tries; n += 1) {
        const record = await emulated.realm.events.get(run);
        if (record !== undefined && isOver(record)) return record;
        await delay(20);
      }
      throw new Error(`run ${run.run_id} of ${job_id} did not end in time`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Over, its actions too. */
function isOver({ extra }: RunRecord): boolean {
  const actions = extra["x_actions"];
  return isMap(actions) && actions["state"] === "settled";
}
