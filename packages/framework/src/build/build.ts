import { type DataMap, errorText, LavaError } from "@lava/core";
import type { Project } from "../project.ts";
import { type BuildEntry, isIntact, loadBuildState } from "./build-state.ts";
import {
  type BuildWork,
  byPlace,
  checkTogether,
  isUploaded,
  openBuild,
  payloadName,
  prepareOutputs,
  readItem,
  warningsOf,
} from "./build-work.ts";
import { sha256 } from "./fingerprints.ts";
import { NEVER } from "./never.ts";
import { nothingSelected, type Selection, selectionOf } from "./only.ts";
import { freshEntries } from "./outputs.ts";
import { cacheRealm } from "./realm-cache.ts";
import { trackingFields } from "./tracking.ts";
import type { BuildOptions, BuildResult, Finding, RealmInfo } from "./types.ts";
import { writeOutputs, type Written } from "./write-outputs.ts";

/**
 * Builds a project for one environment into `dist/<env>`: renders, checks and writes what has changed since the
 * last build. When anything is wrong, nothing is written.
 *
 * @throws {LavaError} UNKNOWN_ENVIRONMENT, INVALID_CONFIG, NOTHING_SELECTED, BUILD_FAILED with all issues
 */
export async function buildProject(project: Project, options: BuildOptions): Promise<BuildResult> {
  const work = await openBuild(project, options);
  const tracking = options.trackingFields === false ? undefined : trackingFields(project);
  const state = loadBuildState(work.dist);
  const isUsable = state?.key === work.key;
  const selection = selectionOf(options.only);
  const sources = work.outputs.map(({ source }) => source);
  const isWanted = (source: string, id: string | undefined): boolean =>
    selection === undefined ||
    selection.matchesPath(source) ||
    (id !== undefined && selection.matchesId(id));
  const considered =
    selection === undefined || selection.needsIds(sources)
      ? work.outputs
      : work.outputs.filter(({ source }) => selection.matchesPath(source));
  const found = freshEntries(considered, isUsable ? state.entries : [], work.inputs, work.dist);
  await withoutLostImages(found, project);
  const stale = considered.filter(({ source }) => !found.has(source));
  const prepared = (await prepareOutputs(work, stale, { ...options, programs: "all" })).filter(
    ({ entry }) => isWanted(entry.source, entry.id),
  );
  const unread =
    work.realmInfo === undefined && prepared.some(({ entry }) => usesRealm(entry))
      ? await readNow(options)
      : undefined;
  if (unread?.realmInfo !== undefined) {
    return await buildProject(project, { ...options, realmInfo: unread.realmInfo });
  }
  const fresh = [...found.values()].flat().filter(({ source, id }) => isWanted(source, id));
  if (selection !== undefined && prepared.length === 0 && fresh.length === 0) {
    throw nothingSelected(options.only ?? []);
  }
  const others = selection === undefined ? [] : otherEntries(work, prepared, fresh);
  const fields = await tracking;
  const own = fields === undefined ? "none" : sha256(JSON.stringify(fields));
  // A build of a part does not say how the whole stands, unless nothing has changed.
  const stamp = selection === undefined || state?.stamp === own ? own : "";
  const isRestamped = fields !== undefined && state?.stamp !== own;
  const present = new Set(sources);
  const gone =
    selection === undefined
      ? (state?.entries ?? []).filter(({ source }) => !present.has(source))
      : [];
  const rulesKey =
    selection === undefined
      ? sha256(JSON.stringify([work.realmInfo?.workers, work.environment.hash]))
      : "";
  const sameRules =
    isUsable &&
    prepared.length === 0 &&
    gone.length === 0 &&
    state.rulesKey === rulesKey &&
    selection === undefined;
  const ruleFindings = sameRules
    ? state.ruleWarnings
    : await checkTogether(work, prepared, [...fresh, ...others], selection !== undefined);
  const findings = [
    ...work.findings,
    ...fresh.flatMap(({ warnings }) => warnings),
    ...prepared.flatMap((output) => output.findings),
    ...ruleFindings,
    ...elsewhere(work, options, [...prepared.map(({ entry }) => entry), ...fresh]),
  ].filter((finding) =>
    isOfSelection(finding, selection, [...prepared.map(({ entry }) => entry), ...fresh]),
  );
  failOnErrors(work, findings, options.strict === true, unread?.reason);
  const written =
    sameRules && !isRestamped
      ? { state, built: [], unchanged: fresh.map(({ output }) => output) }
      : writeOutputs(work, {
          prepared,
          fresh,
          others,
          isRestamped,
          fields,
          old: state,
          next: { key: work.key, stamp, rulesKey, ruleWarnings: warningsOf(ruleFindings) },
        });
  if (work.realmInfo !== undefined) cacheRealm(work.dist, work.realmInfo);
  const mine = new Set([
    ...prepared.map(({ entry }) => entry.output),
    ...fresh.map(({ output }) => output),
  ]);
  return toResult(work, written, findings, {
    entries: written.state.entries.filter(({ output }) => mine.has(output)),
    gone,
    only: options.only,
  });
}

/** Whether a template asks for the realm's record; a file in TypeScript may use it or not. */
function usesRealm({ inputs, source }: Pick<BuildEntry, "inputs" | "source">): boolean {
  return "@realm" in inputs && !source.endsWith(".ts");
}

/** The realm as it is, or why it cannot be read: what only mentions it can be built all the same. */
async function readNow({
  readRealm,
}: BuildOptions): Promise<{ readonly realmInfo?: RealmInfo; readonly reason?: string }> {
  try {
    return readRealm === undefined ? {} : { realmInfo: await readRealm() };
  } catch (error) {
    return { reason: errorText(error) };
  }
}

/**
 * A build that does not read the realm takes its record as it was read last; where that was another place than the one
 * that the environment names, say that of `lava dev`, what is built of it is of no use here.
 */
function elsewhere(
  { realmInfo, environment, project }: BuildWork,
  options: BuildOptions,
  entries: readonly Pick<BuildEntry, "inputs" | "source">[],
): Finding[] {
  const endpoint = options.realmInfo === undefined ? realmInfo?.endpoint : undefined;
  if (endpoint === undefined || endpoint === project.host.environ["AWS_ENDPOINT_URL"]) return [];
  const users = entries.filter((entry) => usesRealm(entry));
  if (users.length === 0) return [];
  const message = `lava.realm is the record of realm ${environment.realm} at ${endpoint}, where it was read last; --refresh reads it anew, --dev is for that of lava dev`;
  return [
    { severity: "warning", path: [], code: "realm_elsewhere", message, file: users[0]?.source },
  ];
}

/** Entries of the last build that this one, of a part, leaves alone. */
function otherEntries(
  work: BuildWork,
  prepared: readonly { readonly entry: { readonly source: string } }[],
  fresh: readonly BuildEntry[],
): BuildEntry[] {
  const state = loadBuildState(work.dist);
  const mine = new Set([
    ...prepared.map(({ entry }) => entry.source),
    ...fresh.map(({ source }) => source),
  ]);
  return (state?.entries ?? [])
    .filter(
      ({ source, files }) => !mine.has(source) && files.every((file) => isIntact(work.dist, file)),
    )
    .map((entry) => (state?.key === work.key ? entry : { ...entry, inputs: { [NEVER]: "" } }));
}

/** Images may be removed behind our back; only docker knows, and without docker they count as there. */
async function withoutLostImages(
  fresh: Map<string, readonly BuildEntry[]>,
  project: Project,
): Promise<void> {
  for (const [source, entries] of fresh) {
    const [{ image } = { image: undefined }] = entries;
    if (image === undefined) continue;
    const { hasImage } = await import("./docker/docker-build.ts");
    for (const { id } of image.parts ?? [image]) {
      if ((await hasImage(id, project.host.environ)) === false) fresh.delete(source);
    }
  }
}

/** Whether a finding is about what was selected: what is wrong elsewhere does not stop it. */
function isOfSelection(
  { file }: Finding,
  selection: Selection | undefined,
  entries: readonly Pick<BuildEntry, "source">[],
): boolean {
  if (selection === undefined || file === undefined) return true;
  if (selection.matchesPath(file)) return true;
  // Faults of included files belong to no component; those of other components are theirs.
  const isOther = /^(?:lava-[a-z]+|misc)\/(?!.*(?:^|\/)_)/.test(file);
  return !isOther || entries.some(({ source }) => file === source || file.startsWith(`${source}/`));
}

function failOnErrors(
  work: BuildWork,
  findings: readonly Finding[],
  isStrict: boolean,
  unread: string | undefined,
): void {
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
            hint: `lava.realm is the record of realm ${work.environment.realm}, which was not read${unread === undefined ? "" : ` (${unread})`}: build once where the realm can be reached.`,
          }
        : {}),
    },
  );
}

function toResult(
  work: BuildWork,
  { built, unchanged }: Written,
  findings: readonly Finding[],
  parts: {
    readonly entries: readonly BuildEntry[];
    readonly gone: readonly BuildEntry[];
    readonly only: BuildOptions["only"];
  },
): BuildResult {
  const { project, environment, dist, realmInfo } = work;
  const { entries, gone, only } = parts;
  return {
    project,
    environment,
    dist,
    items: entries.flatMap((entry) => {
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
    payloads: entries.flatMap((entry) =>
      isUploaded(entry)
        ? entry.files.map(({ path, size, sha256, md5 }) => {
            const { kind, source } = entry;
            return { kind, source, output: path, name: payloadName(path), size, sha256, md5 };
          })
        : [],
    ),
    images: entries.flatMap(({ image, source, output }) =>
      image === undefined ? [] : [{ ...image, source, output }],
    ),
    ...(only === undefined || only.length === 0 ? {} : { only }),
    warnings: warningsOf(findings).sort(byPlace),
    built,
    unchanged,
    removed: gone.map(({ output }) => output),
    realmInfo,
  };
}
