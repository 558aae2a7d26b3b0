import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DataMap, LavaError, parseJson } from "@lava/core";
import { type Environment, loadEnvironment } from "../environment.ts";
import type { Project } from "../project.ts";
import {
  type BuildEntry,
  type BuildState,
  loadBuildState,
  STATE_FILE,
  STATE_FORMAT,
  stateKey,
} from "./build-state.ts";
import { discoverSources, type Sources } from "./discover.ts";
import { createInputs, type Inputs, sha256 } from "./fingerprints.ts";
import { freshEntries, listOutputs, type Output, treeText } from "./outputs.ts";
import type { Prepared } from "./prepare.ts";
import { isDataMap, pythonJson } from "./python-json.ts";
import { cachedRealm, cacheRealm } from "./realm-cache.ts";
import { openStage, type Stage } from "./stage.ts";
import { buildContext } from "./template-context.ts";
import { type TrackingFields, trackingFields, withTracking } from "./tracking.ts";
import type { BuildOptions, BuildResult, Finding, RealmInfo } from "./types.ts";

/**
 * Builds a project for one environment into `dist/<env>`: renders, checks and writes what has changed since the
 * last build. When anything is wrong, nothing is written.
 *
 * @throws {LavaError} UNKNOWN_ENVIRONMENT, INVALID_CONFIG, BUILD_FAILED with all issues
 */
export async function buildProject(project: Project, options: BuildOptions): Promise<BuildResult> {
  const work = await openBuild(project, options);
  const tracking = options.trackingFields === false ? undefined : trackingFields(project);
  const state = loadBuildState(work.dist);
  const isUsable = state?.key === work.key;
  const fresh = freshEntries(work.outputs, isUsable ? state.entries : [], work.inputs, work.dist);
  const stale = work.outputs.filter(({ source }) => !fresh.has(source));
  const prepared = await prepareOutputs(work, stale, options);
  const fields = await tracking;
  const stamp = fields === undefined ? "" : sha256(JSON.stringify(fields));
  const present = new Set(work.outputs.map(({ source }) => source));
  const gone = (state?.entries ?? []).filter(({ source }) => !present.has(source));
  const rulesKey = sha256(JSON.stringify([work.realmInfo?.workers, work.environment.hash]));
  const sameRules =
    isUsable && prepared.length === 0 && gone.length === 0 && state.rulesKey === rulesKey;
  const ruleFindings = sameRules
    ? state.ruleWarnings
    : await checkTogether(work, prepared, [...fresh.values()]);
  const findings = [
    ...work.findings,
    ...[...fresh.values()].flatMap(({ warnings }) => warnings),
    ...prepared.flatMap((output) => output.findings),
    ...ruleFindings,
  ];
  failOnErrors(work, findings, options.strict === true);
  const written =
    sameRules && state.stamp === stamp
      ? {
          state,
          built: [],
          unchanged: work.outputs.map(({ source }) => fresh.get(source)?.output ?? ""),
        }
      : writeOutputs(work, {
          prepared,
          fresh: [...fresh.values()],
          isRestamped: state?.stamp !== stamp,
          fields,
          old: state,
          next: { key: work.key, stamp, rulesKey, ruleWarnings: warningsOf(ruleFindings) },
          onProgress: options.onProgress,
        });
  if (work.realmInfo !== undefined) cacheRealm(work.dist, work.realmInfo.record);
  return toResult(work, written, findings, gone);
}

/** What a build works on. */
export interface BuildWork {
  readonly project: Project;
  readonly environment: Environment;
  readonly dist: string;
  readonly key: string;
  readonly realmInfo: RealmInfo | undefined;
  readonly sources: Sources;
  readonly outputs: readonly Output[];
  readonly inputs: Inputs;
  /** About names of files. */
  readonly findings: readonly Finding[];
}

/** Loads what a build (or a check) works on; nothing is written. */
export async function openBuild(project: Project, options: BuildOptions): Promise<BuildWork> {
  const environment = await loadEnvironment(project, options.env);
  const dist = join(project.dir, "dist", options.env);
  const realmInfo = options.realmInfo ?? cachedRealm(dist, environment.realm);
  const sources = discoverSources(project);
  const { outputs, findings } = listOutputs(sources);
  const inputs: Inputs = createInputs(project.dir, (name) => {
    if (name === "@config") return environment.hash;
    if (name === "@realm") {
      return realmInfo === undefined ? undefined : pythonJson(realmInfo.record);
    }
    if (name === "@user") return project.host.user;
    if (name === "@environ") return JSON.stringify(Object.entries(project.host.environ).sort());
    if (name.startsWith("@environ:")) return project.host.environ[name.slice("@environ:".length)];
    return treeText(project.dir, name.slice("@tree:".length), inputs);
  });
  return {
    project,
    environment,
    dist,
    key: stateKey({
      validation: options.validation ?? "error",
      tracking: options.trackingFields !== false,
    }),
    realmInfo,
    sources,
    outputs,
    inputs,
    findings: [...sources.findings, ...findings],
  };
}

/** Builds outputs in memory. What renders and validates is loaded only when there is something to do. */
export async function prepareOutputs(
  work: BuildWork,
  outputs: readonly Output[],
  options: Pick<BuildOptions, "validation" | "onProgress">,
): Promise<Prepared[]> {
  if (outputs.length === 0) return [];
  const { createPreparer } = await import("./prepare.ts");
  const preparer = createPreparer({
    root: work.project.dir,
    inputs: work.inputs,
    context: buildContext(work.environment, work.realmInfo?.record, work.project.host),
    validation: options.validation ?? "error",
  });
  const prepared: Prepared[] = [];
  for (const output of outputs) {
    const made =
      output.spec === undefined
        ? await preparer.file(output.file, output.builder)
        : preparer.spec(output.spec);
    prepared.push(made);
    options.onProgress?.({
      done: prepared.length,
      total: outputs.length,
      output: `dist/${work.environment.name}/${made.entry.output}`,
    });
  }
  return prepared;
}

/** Runs the checks over the whole project, on what is new and what is as it was. */
export async function checkTogether(
  work: BuildWork,
  prepared: readonly Prepared[],
  fresh: readonly BuildEntry[],
): Promise<Finding[]> {
  const { runRules } = await import("../rules/index.ts");
  const items = [
    ...prepared.flatMap(({ entry, data, locate }) =>
      entry.item === undefined || entry.id === undefined || data === undefined || !isDataMap(data)
        ? []
        : [
            {
              kind: entry.item,
              id: entry.id,
              source: entry.source,
              data,
              locate: locate ?? nowhere(entry),
            },
          ],
    ),
    ...fresh.flatMap((entry) => {
      const data = entry.item === undefined ? null : readItem(work.dist, entry);
      if (entry.item === undefined || entry.id === undefined || data === null) return [];
      return [
        { kind: entry.item, id: entry.id, source: entry.source, data, locate: nowhere(entry) },
      ];
    }),
  ].sort((a, b) => (a.source < b.source ? -1 : 1));
  const payloads = [
    ...prepared.filter(({ entry }) => entry.group === "payload").flatMap(({ files }) => files),
    ...fresh.filter(({ group }) => group === "payload").flatMap(({ files }) => files),
  ].map(({ path }) => payloadName(path));
  const { project, environment, sources, realmInfo } = work;
  return runRules({ project, environment, sources, items, payloads, realmInfo });
}

const nowhere = (entry: { source: string }) => () => ({ file: entry.source });

/** `lava-payloads/x.rsc/a` -> `x.rsc/a`. */
function payloadName(path: string): string {
  return path.slice(path.indexOf("/") + 1);
}

/** An item as it stands in `dist`; null when it is left out. */
function readItem(dist: string, entry: BuildEntry): DataMap | null {
  const data = parseJson(readFileSync(join(dist, entry.output), "utf8"));
  return isDataMap(data) ? data : null;
}

function warningsOf(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ severity }) => severity === "warning");
}

function failOnErrors(work: BuildWork, findings: readonly Finding[], isStrict: boolean): void {
  const issues = findings.filter(({ severity }) => isStrict || severity === "error");
  if (issues.length === 0) return;
  const files = new Set(issues.map(({ file }) => file)).size;
  const wantsRealm =
    work.realmInfo === undefined && issues.some(({ message }) => message.includes("'realm'"));
  const s = (count: number): string => (count === 1 ? "" : "s");
  throw new LavaError(
    "BUILD_FAILED",
    `${work.project.id} cannot be built for ${work.environment.name}: ${issues.length} fault${s(issues.length)} in ${files} file${s(files)}`,
    {
      issues: issues.toSorted(byPlace),
      ...(wantsRealm
        ? {
            hint: `lava.realm is the record of realm ${work.environment.realm}, which was not read: build once where the realm can be reached.`,
          }
        : {}),
    },
  );
}

/** By file, then by place. */
export function byPlace(a: Finding, b: Finding): number {
  return (
    (a.file ?? "").localeCompare(b.file ?? "") ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0)
  );
}

interface Written {
  readonly state: BuildState;
  readonly built: readonly string[];
  readonly unchanged: readonly string[];
}

function writeOutputs(
  work: BuildWork,
  options: {
    readonly prepared: readonly Prepared[];
    readonly fresh: readonly BuildEntry[];
    readonly isRestamped: boolean;
    readonly fields: TrackingFields | undefined;
    readonly old: BuildState | undefined;
    readonly next: Omit<BuildState, "entries" | "format">;
    readonly onProgress: BuildOptions["onProgress"];
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
    const entries = [...built, ...kept].sort((a, b) => (a.source < b.source ? -1 : 1));
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

function toResult(
  work: BuildWork,
  { state, built, unchanged }: Written,
  findings: readonly Finding[],
  gone: readonly BuildEntry[],
): BuildResult {
  const { project, environment, dist, realmInfo } = work;
  return {
    project,
    environment,
    dist,
    items: state.entries.flatMap((entry) => {
      if (entry.item === undefined) return [];
      let data: DataMap | null | undefined = entry.isNull === true ? null : undefined;
      const { item: kind, id, source, output } = entry;
      return [
        {
          kind,
          id,
          source,
          output,
          // Read when it is wanted: an unchanged build does not look at it.
          get data() {
            return (data ??= entry.isNull === true ? null : readItem(dist, entry));
          },
        },
      ];
    }),
    payloads: state.entries.flatMap(({ group, kind, source, files }) =>
      group === "payload"
        ? files.map(({ path, size, sha256, md5 }) => {
            return { kind, source, output: path, name: payloadName(path), size, sha256, md5 };
          })
        : [],
    ),
    warnings: warningsOf(findings).sort(byPlace),
    built,
    unchanged,
    removed: gone.map(({ output }) => output),
    realmInfo,
  };
}
