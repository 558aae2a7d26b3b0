import { type Logger, errorText } from "@lava/core";
import type { ClaimedRun } from "@lava/realm";

const DAY_MS = 86_400_000;

/**
 * Moves the `ttl` of a run's item while the run lasts, so that DynamoDB does not take away what the run is held by
 * (design 5): at half of `seconds`, and each day at least. Each event moves it too (WK-166).
 *
 * @param seconds EVENT_TTL; 0 where items are kept for ever
 * @returns ends it
 */
export function keepItem(
  run: Pick<ClaimedRun, "append" | "job_id" | "run_id">,
  seconds: number,
  logger: Logger,
): () => void {
  if (seconds <= 0) return () => undefined;
  const timer = setInterval(
    () => {
      run.append([]).catch((error: unknown) => {
        const { job_id, run_id } = run;
        const fields = { event_type: "worker", job_id, run_id, error: errorText(error) };
        logger.debug(fields, "The ttl of a run was not moved");
      });
    },
    Math.min(DAY_MS, (seconds * 1000) / 2),
  );
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
