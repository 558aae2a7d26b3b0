import { setTimeout as delay } from "node:timers/promises";

/** Asks until the answer is truthy; fails after `timeoutMs`. Faults count as "not yet". */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      last = await ask();
      if (last) return last as NonNullable<T>;
    } catch (error) {
      last = error;
    }
    await delay(15);
  }
  throw new Error(`not within ${timeoutMs} ms`, { cause: last });
}
