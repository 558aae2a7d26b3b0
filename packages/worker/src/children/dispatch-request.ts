import { type Data, type DataMap, errorText, isMap, LavaError, parseDuration } from "@lava/core";
import type { ExtraNames, JobContext } from "../handler.ts";

/**
 * Delay of a dispatch in whole seconds, the fraction cut (T-57): 0 to `maxMinutes`.
 *
 * @param must `must` of a job, `Must` of an action: the texts differ in this letter
 * @throws {LavaError} BAD_DELAY
 */
export function dispatchDelay(
  delay: string | number | undefined,
  maxMinutes: number,
  must: "must" | "Must",
): number {
  const given = delay ?? 0;
  let seconds: number;
  try {
    seconds = Math.trunc(parseDuration(given));
  } catch (error) {
    throw bad(`Bad delay: ${given}: ${errorText(error)}`, error);
  }
  if (seconds >= 0 && seconds <= maxMinutes * 60) return seconds;
  throw bad(`Bad delay: ${seconds}: ${must} be between 0 and ${maxMinutes} minutes`);
}

function bad(message: string, cause?: unknown): LavaError {
  return new LavaError("BAD_DELAY", message, { retry: "never", cause });
}

/** Parameters to send, rendered through JSON; undefined when there are none (JOB-dispatch-01). */
export function renderParameters(
  parameters: DataMap | undefined,
  context: Pick<JobContext, "renderJson">,
  extra: ExtraNames,
  path: readonly string[],
): DataMap | undefined {
  if (parameters === undefined || Object.keys(parameters).length === 0) return undefined;
  let rendered: Data;
  try {
    rendered = context.renderJson(parameters, extra, { path });
  } catch (error) {
    throw new LavaError("CANNOT_RENDER", `Cannot render parameters - ${errorText(error)}`, {
      cause: error,
    });
  }
  if (isDataMap(rendered)) return rendered;
  throw new LavaError("CANNOT_RENDER", "Cannot render parameters - parameters must be a dict");
}

function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}
