import { errorText } from "@lava/core";
import type { JobContext } from "../handler.ts";
import { RunInterrupted } from "../interruption.ts";
import type { WatchedFile } from "../output-watch.ts";

/**
 * Stores what a program had printed when its run was stopped for good: cancelled, at its deadline, out of time. A run
 * that is given back or taken by others begins anew, and its outputs are those of the next execution.
 */
export async function keepOutputs(
  files: readonly WatchedFile[],
  { signal, logger, uploadOutput }: JobContext,
): Promise<void> {
  if (!isStoppedForGood(signal)) return;
  await Promise.all(
    files.map(async ({ file, name }) => {
      try {
        await uploadOutput(file, name);
      } catch (error) {
        // The run ends as it was told to, whatever of its output can be seen.
        logger.warn({ output: name }, `Could not store ${name}: ${errorText(error)}`);
      }
    }),
  );
}

function isStoppedForGood({ aborted, reason }: AbortSignal): boolean {
  return aborted && (!(reason instanceof RunInterrupted) || reason.kind === "cancelled");
}
