import type { Round, Row } from "../rig/round.ts";

/** Does something to a worker again and again, with another worker in its place. */
async function repeatedly(
  { fleet, pause, random }: Round,
  times: number,
  act: (worker: Round["fleet"]["alive"][number]) => Promise<void>,
): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await pause(100, 800);
    const worker = fleet.alive[random.int(0, fleet.alive.length - 1)];
    if (worker !== undefined) await act(worker);
    if (fleet.alive.length < 2) await fleet.add();
  }
}

/** SIGKILL. */
export const kill: Row = {
  name: "kill -9",
  about: "workers are killed in the middle of runs, another one starts",
  disturb: (round) =>
    repeatedly(round, 3, async (worker) => {
      worker.kill("SIGKILL");
      await worker.ended;
    }),
};

/** SIGSTOP for longer than a lease. */
export const freeze: Row = {
  name: "freeze",
  about: "workers are stopped for longer than a lease and go on afterwards",
  disturb: (round) =>
    repeatedly(round, 2, async (worker) => {
      worker.kill("SIGSTOP");
      await round.pause(4000, 6000);
      worker.kill("SIGCONT");
    }),
};

/** SIGINT, and SIGTERM with its grace time. */
export const drain: Row = {
  name: "drain",
  about: "workers are told to stop with SIGINT, SIGHUP and SIGTERM, another one starts",
  disturb: (round) =>
    repeatedly(round, 4, async (worker) => {
      worker.kill(round.random.pick(["SIGINT", "SIGHUP", "SIGTERM"]));
      await worker.ended;
    }),
};

/** Two signals. */
export const secondSignal: Row = {
  name: "second signal",
  about: "a second signal follows the first within moments",
  disturb: (round) =>
    repeatedly(round, 4, async (worker) => {
      worker.kill("SIGINT");
      await round.pause(0, 200);
      worker.kill("SIGTERM");
      await worker.ended;
    }),
};

/** A job that keeps the main thread busy for longer than a lease. */
export const blockedLoop: Row = {
  name: "event loop blocked",
  about: "a plug-in keeps a worker's main thread busy for longer than a lease",
  before: [{ job_id: "blocks" }, { job_id: "blocks" }],
};

/** Both are cut off from the endpoint in turn, and see each other's leases only now and then. */
export const splitWorkers: Row = {
  name: "two workers split",
  about: "one worker loses every connection to the services for longer than a lease",
  disturb: (round) =>
    repeatedly(round, 2, async (worker) => {
      round.proxy.cutOff(worker.name);
      await round.pause(4000, 6000);
      round.proxy.cutOff(undefined);
    }),
};
