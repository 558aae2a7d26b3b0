import { RunInterrupted } from "./interruption.ts";
import type { RunInput } from "./run-input.ts";
import type { RunServices } from "./run-services.ts";

/** A wait between two attempts. */
export interface RetryWait {
  readonly seconds: number;
  /** The attempt that follows. */
  readonly iteration: number;
  /** Whether a long wait gives the run back. */
  readonly givesBack: boolean;
}

/**
 * Waits between two attempts without a slot. What takes longer than it is worth in this process may give the run back;
 * a worker that drains does so in any case (design 5).
 *
 * @throws {RunInterrupted}
 */
export async function waitForNext(
  { seconds, iteration, givesBack }: RetryWait,
  input: RunInput,
  services: RunServices,
): Promise<void> {
  if (seconds <= 0) return;
  const { clock } = services;
  const due = clock.now() + seconds * 1000;
  const giveBack = (reason: string, text: string): RunInterrupted => {
    const at = new Date(due).toISOString();
    return new RunInterrupted("released", reason, `${text}; iteration ${iteration} at ${at}`, {
      delay: Math.max(0, (due - clock.now()) / 1000),
      state: "up_for_retry",
      extra: { x_due: at, x_iteration: iteration - 1 },
    });
  };
  if (givesBack && seconds > services.longWait)
    throw giveBack("retry_delay", "Waiting to be tried again");
  await waitInProcess(seconds, input, services, () =>
    giveBack("worker_stopping", "Worker is stopping"),
  );
}

/** Waits for a while without a slot; `onDrain` says what is thrown when the worker drains meanwhile. */
export async function waitInProcess(
  seconds: number,
  { signal, tree }: Pick<RunInput, "signal" | "tree">,
  { clock, draining }: Pick<RunServices, "clock" | "draining">,
  onDrain: () => RunInterrupted,
): Promise<void> {
  await tree.slot.wait(async () => {
    try {
      await clock.sleep(seconds * 1000, AbortSignal.any([signal, draining]));
    } catch (error) {
      if (signal.aborted || !draining.aborted) throw error;
      throw onDrain();
    }
  });
}

/** A run that comes before its time goes back: a message that was delivered twice, or another child's time. */
const EARLY_MS = 2000;

/** @throws {RunInterrupted} when the run is not due yet */
export function waitUntilDue(due: number | undefined, { clock }: Pick<RunServices, "clock">): void {
  if (due === undefined || due - clock.now() <= EARLY_MS) return;
  const at = new Date(due).toISOString();
  throw new RunInterrupted("released", "not_due", `Not due before ${at}`, {
    delay: (due - clock.now()) / 1000,
    state: "up_for_retry",
    extra: { x_due: at },
  });
}
