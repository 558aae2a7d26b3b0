import { type DataMap, LavaError } from "@lava/core";
import type { Project } from "../project.ts";
import { type BuildEntry, loadBuildState } from "./build-state.ts";
import {
  type BuildWork,
  byPlace,
  checkTogether,
  openBuild,
  payloadName,
  prepareOutputs,
  readItem,
  warningsOf,
} from "./build-work.ts";
import { sha256 } from "./fingerprints.ts";
import { freshEntries } from "./outputs.ts";
import { cacheRealm } from "./realm-cache.ts";
import { trackingFields } from "./tracking.ts";
import type { BuildOptions, BuildResult, Finding } from "./types.ts";
import { writeOutputs, type Written } from "./write-outputs.ts";

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
        });
  if (work.realmInfo !== undefined) cacheRealm(work.dist, work.realmInfo.record);
  return toResult(work, written, findings, gone);
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
