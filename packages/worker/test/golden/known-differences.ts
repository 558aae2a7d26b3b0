import type { RunSample } from "@lava/testing";

/**
 * A sample without what ours writes differently on purpose:
 * `error: null` of a result, which the original writes or not by chance (WK-072); `run_ids` of a dispatch
 * (JOB-dispatch-09); outputs of later foreach iterations, which must not overwrite the first one's (JOB-foreach-15);
 * the digits of a timeout, of which the original shows what was left.
 */
export function withoutKnownDifferences({ items, outputs }: RunSample): RunSample {
  const merged: Record<string, string> = {};
  for (const [name, text] of Object.entries(outputs)) merged[withoutIndex(name)] = text;
  return {
    items: Object.fromEntries(Object.entries(items).map(([id, item]) => [id, strip(item)])),
    outputs: merged,
  };
}

function strip(value: unknown): unknown {
  if (typeof value === "string") {
    return withoutIndex(value).replace(
      /Timed out after [\d.]+ seconds/,
      "Timed out after <n> seconds",
    );
  }
  if (Array.isArray(value)) return value.map((item) => strip(item));
  if (typeof value !== "object" || value === null) return value;
  const isResult = "exit_status" in value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([name, item]) =>
          !(isResult && ((name === "error" && item === null) || name === "run_ids")),
      )
      .map(([name, item]) => [name, strip(item)]),
  );
}

function withoutIndex(name: string): string {
  return name.replace(/\/(stdout|stderr)\.\d+$/, "/$1");
}
