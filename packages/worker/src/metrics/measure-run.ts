import { errorText } from "@lava/core";
import { RunInterrupted } from "../interruption.ts";
import type { RunInput } from "../run-input.ts";
import type { RunServices } from "../run-services.ts";

/**
 * Tells listeners when the work of a run, or of a child, begins and ends (WK-058, WK-065). A run that stops without an
 * end has no end here either.
 */
export async function measureRun<T>(
  input: RunInput,
  services: RunServices,
  work: () => Promise<T>,
): Promise<T> {
  const { record, run_id, ts_dispatch, ts_start } = input;
  const { clock, events, realm } = services;
  const run = { job_id: record.job_id, run_id, path: input.path };
  const monotonic = (): number => clock.monotonic?.() ?? clock.now();
  const begun = monotonic();
  events.emit("began", {
    ...run,
    type: record.type,
    ts_dispatch,
    ts_start,
    isFirst: input.judgeDelay,
    cw_metrics: record.cw_metrics,
  });
  const end = (error?: unknown): void => {
    if (error instanceof RunInterrupted) return;
    events.emit("ended", {
      ...run,
      type: record.type,
      ts_dispatch,
      seconds: (clock.now() - ts_start) / 1000,
      took: (monotonic() - begun) / 1000,
      isFailed: error !== undefined,
      ...(error === undefined ? {} : { error: realm.redactor.mask(errorText(error)) }),
      cw_metrics: record.cw_metrics,
    });
  };
  try {
    const result = await work();
    end();
    return result;
  } catch (error) {
    end(error);
    throw error;
  }
}
