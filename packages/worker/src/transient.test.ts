import { LavaError, nullLogger } from "@lava/core";
import { fakeClock } from "@lava/testing";
import { expect, test } from "vitest";
import { type PassOptions, untilItPasses } from "./transient.ts";

const away = (): LavaError =>
  new LavaError("S3_FAILED", "Cannot store x: socket hang up", {
    cause: Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
  });

const options = (more: Partial<PassOptions> = {}): PassOptions => ({
  clock: fakeClock(),
  signal: new AbortController().signal,
  logger: nullLogger,
  what: "Could not store x",
  ...more,
});

/** An action that fails so often, and then gives its number. */
function failing(times: number, error: () => Error): () => Promise<number> {
  let attempts = 0;
  return () => {
    attempts += 1;
    return attempts > times ? Promise.resolve(attempts) : Promise.reject(error());
  };
}

test("what a service that is away has stopped is done once it is back (G7)", async () => {
  const said: string[] = [];
  const logger = { ...nullLogger, warn: (_: unknown, text: string) => void said.push(text) };

  expect(await untilItPasses(failing(3, away), options({ logger }))).toBe(4);

  expect(said).toHaveLength(3);
  expect(said[0]).toBe("Could not store x, trying again: Cannot store x: socket hang up");
});

test("a service that stays away for a minute fails the run with its own error", async () => {
  const clock = fakeClock();
  const start = clock.now();

  await expect(untilItPasses(failing(1e6, away), options({ clock }))).rejects.toThrow("hang up");

  expect(clock.now() - start).toBeGreaterThanOrEqual(60_000);
  expect(clock.now() - start).toBeLessThan(66_000);
});

test("a fault of the request itself is told at once", async () => {
  const denied = (): Error => new LavaError("NO_SUCH_BUCKET", "There is no bucket b");

  await expect(untilItPasses(failing(1, denied), options())).rejects.toThrow("no bucket b");
});

test("a run that is ended does not wait for a service", async () => {
  const signal = AbortSignal.abort();

  await expect(untilItPasses(failing(1, away), options({ signal }))).rejects.toThrow("hang up");
});
