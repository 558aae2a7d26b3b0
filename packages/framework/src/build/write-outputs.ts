import type { DataMap } from "@lava/core";
import { type BuildEntry, type BuildState, STATE_FILE, STATE_FORMAT } from "./build-state.ts";
import { type BuildWork, readItem, warningsOf } from "./build-work.ts";
import type { Prepared } from "./prepare.ts";
import { isDataMap, pythonJson } from "./python-json.ts";
import { openStage, type Stage } from "./stage.ts";
import { type TrackingFields, withTracking } from "./tracking.ts";

/** How `dist` stands after a build. */
export interface Written {
  readonly state: BuildState;
  readonly built: readonly string[];
  readonly unchanged: readonly string[];
}

/** Writes what is new, stamps what is not, deletes what is gone: all of it or nothing. */
export function writeOutputs(
  work: BuildWork,
  options: {
    readonly prepared: readonly Prepared[];
    readonly fresh: readonly BuildEntry[];
    /** Entries that are none of this build's business, and stay. */
    readonly others: readonly BuildEntry[];
    readonly isRestamped: boolean;
    readonly fields: TrackingFields | undefined;
    readonly old: BuildState | undefined;
    readonly next: Omit<BuildState, "entries" | "format">;
  },
): Written {
  const now = work.project.host.clock.now();
  const stage = openStage(work.dist);
  const stamped = (data: DataMap): DataMap =>
    options.fields === undefined ? data : withTracking(data, options.fields, now);
  try {
    const built = options.prepared.map((output) => stageOutput(stage, output, stamped));
    const kept = options.fresh.map((entry) => {
      if (!options.isRestamped || entry.group !== "item" || entry.isNull === true) return entry;
      const data = readItem(work.dist, entry);
      if (data === null) return entry;
      const content = `${pythonJson(stamped(data), 4)}\n`;
      return { ...entry, files: [stage.write({ path: entry.output, content })] };
    });
    const entries = [...built, ...kept, ...options.others].sort((a, b) =>
      a.source === b.source ? (a.output < b.output ? -1 : 1) : a.source < b.source ? -1 : 1,
    );
    const paths = new Set(entries.flatMap(({ files }) => files.map(({ path }) => path)));
    const removed = (options.old?.entries ?? [])
      .flatMap(({ files }) => files.map(({ path }) => path))
      .filter((path) => !paths.has(path));
    const state: BuildState = { format: STATE_FORMAT, ...options.next, entries };
    stage.write({ path: STATE_FILE, content: `${JSON.stringify(state)}\n` });
    stage.commit(removed);
    const changed = kept.filter((entry, index) => entry !== options.fresh[index]);
    return {
      state,
      built: [...built, ...changed].map(({ output }) => output).sort(),
      unchanged: kept
        .filter((entry, index) => entry === options.fresh[index])
        .map(({ output }) => output),
    };
  } catch (error) {
    stage.discard();
    throw error;
  }
}

function stageOutput(
  stage: Stage,
  { entry, findings, data, files }: Prepared,
  stamped: (data: DataMap) => DataMap,
): BuildEntry {
  const warnings = warningsOf(findings);
  if (entry.group !== "item")
    return { ...entry, warnings, files: files.map((file) => stage.write(file)) };
  const item = data !== undefined && isDataMap(data) ? stamped(data) : null;
  const content = `${pythonJson(item, 4)}\n`;
  return { ...entry, warnings, files: [stage.write({ path: entry.output, content })] };
}
