import { LavaError, systemClock } from "@lava/core";
import { expect, test } from "vitest";
import { withinTimeout } from "./within-timeout.ts";

const host = (signal = new AbortController().signal) => ({
  signal,
  clock: systemClock,
  graceMs: 20,
});

/** Ends when its signal aborts, as a process does that is killed. */
const obedient = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(signal.reason as Error);
    });
  });

test("work that is done in time is left alone; without a timeout it has the signal of its host", async () => {
  const { signal } = new AbortController();

  expect(await withinTimeout("1m", host(), () => Promise.resolve(1))).toBe(1);
  expect(
    await withinTimeout(undefined, host(signal), (own) => Promise.resolve(own === signal)),
  ).toBe(true);
  await expect(
    withinTimeout("1m", host(), () => Promise.reject(new Error("own fault"))),
  ).rejects.toThrow("own fault");
});

test("work that takes too long is told to stop, and has failed for that reason", async () => {
  await expect(withinTimeout(0.01, host(), obedient)).rejects.toMatchObject({
    code: "JOB_TIMEOUT",
    message: "Timed out after 0.01 seconds",
  });
});

test("what was done by then is kept in the data of the failure", async () => {
  const work = async (signal: AbortSignal): Promise<never> => {
    await obedient(signal).catch(() => undefined);
    throw new LavaError("PROGRAM_FAILED", "killed", { data: { exit_status: 1, output: [] } });
  };

  await expect(withinTimeout("0.01s", host(), work)).rejects.toMatchObject({
    code: "JOB_TIMEOUT",
    data: { exit_status: 1, output: [] },
  });
});

test("work that does not stop is not waited for", async () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  await expect(withinTimeout(0.01, host(), never)).rejects.toMatchObject({ code: "JOB_TIMEOUT" });
});

test("what the host aborts for is no timeout", async () => {
  const stop = new AbortController();
  const running = withinTimeout("1m", host(stop.signal), obedient);
  stop.abort(new Error("cancelled"));

  await expect(running).rejects.toThrow("cancelled");
});
