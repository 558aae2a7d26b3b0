import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DataMap, parseJson, inParallel } from "@lava/core";
import { type Environment, loadEnvironment, valueAt } from "../environment.ts";
import { awsOfEnvironment, type AwsLookup, createAwsAccess } from "../helpers/aws-access.ts";
import { createSqlAccess } from "../helpers/sql-access.ts";
import type { Project } from "../project.ts";
import type { OnRendered } from "./build-spec.ts";
import { type BuildEntry, stateKey } from "./build-state.ts";
import { discoverSources, type Sources } from "./discover.ts";
import { createInputs, type Inputs } from "./fingerprints.ts";
import { NEVER } from "./never.ts";
import { listOutputs, type Output, treeText } from "./outputs.ts";
import type { PayloadContext } from "./payload/payload-builder.ts";
import type { Prepared } from "./prepare.ts";
import { isDataMap, pythonJson } from "./python-json.ts";
import { cachedRealm } from "./realm-cache.ts";
import { buildContext } from "./template-context.ts";
import type { LoadedModule } from "./typed/load-modules.ts";
import type { BuildOptions, Finding, RealmInfo } from "./types.ts";

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
export async function openBuild(
  project: Project,
  options: BuildOptions & { readonly standIn?: ((realm: string) => RealmInfo) | undefined },
): Promise<BuildWork> {
  const environment = await loadEnvironment(project, options.env);
  const dist = join(project.dir, "dist", options.env);
  const realmInfo =
    options.realmInfo ??
    cachedRealm(dist, environment.realm) ??
    options.standIn?.(environment.realm);
  const sources = discoverSources(project);
  const { outputs, findings } = listOutputs(sources);
  const inputs: Inputs = createInputs(project.dir, (name) => {
    if (name === "@config") return environment.hash;
    if (name === "@realm") {
      return realmInfo === undefined ? undefined : pythonJson(realmInfo.record);
    }
    if (name === "@pkg") return JSON.stringify(valueAt(environment.config, ["pkg"]) ?? null);
    if (name === "@docker") {
      const { config, prefix } = environment;
      return JSON.stringify([valueAt(config, ["docker"]), prefix.docker_repo]);
    }
    if (name === NEVER) return undefined;
    if (name === "@user") return project.host.user;
    if (name === "@aws") return awsOf(project, realmInfo).key;
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
      ...(project.plugins === undefined ? {} : { plugins: project.plugins.key }),
    }),
    realmInfo,
    sources,
    outputs,
    inputs,
    findings: [...sources.findings, ...findings],
  };
}

/** Where `lava.aws` looks: where the realm is, else where the environment says. */
function awsOf({ host }: Project, realmInfo: RealmInfo | undefined): AwsLookup {
  return realmInfo?.aws ?? awsOfEnvironment(host.environ);
}

/** Builds outputs in memory. What renders and validates is loaded only when there is something to do. */
export async function prepareOutputs(
  work: BuildWork,
  outputs: readonly Output[],
  options: Pick<BuildOptions, "validation" | "onProgress"> & {
    /** Programs that payloads may run; none by default. */
    readonly programs?: PayloadContext["programs"];
    readonly onRendered?: OnRendered;
  },
): Promise<Prepared[]> {
  if (outputs.length === 0) return [];
  const { createPreparer } = await import("./prepare.ts");
  const { environment, project, realmInfo } = work;
  const aws = createAwsAccess(awsOf(project, realmInfo));
  const preparer = createPreparer({
    root: project.dir,
    inputs: work.inputs,
    aws,
    sql: createSqlAccess(realmInfo?.sql ?? project.host.sql, environment.realm),
    context: buildContext(environment, realmInfo?.record, project.host, aws),
    validation: options.validation ?? "error",
    ...(options.onRendered === undefined ? {} : { onRendered: options.onRendered }),
    payloads: {
      config: environment.config,
      environ: project.host.environ,
      cache: join(project.dir, "dist", CACHE_FOLDER),
      programs: options.programs ?? "none",
    },
    extensions: work.project.plugins?.extensions,
  });
  let done = 0;
  const report = (made: readonly Prepared[]): readonly Prepared[] => {
    done += 1;
    const [{ entry } = { entry: undefined }] = made;
    options.onProgress?.({
      done,
      total: outputs.length,
      output: `dist/${environment.name}/${entry?.output ?? ""}`,
    });
    return made;
  };
  const modules = await modulesOf(work, outputs);
  const specs: Prepared[] = [];
  const files: (Output & { readonly spec?: undefined })[] = [];
  for (const output of outputs) {
    if (output.spec === undefined) {
      files.push(output);
      continue;
    }
    const loaded = modules.get(output.source);
    specs.push(
      ...report(
        loaded === undefined
          ? [await preparer.spec(output.spec)]
          : preparer.module(output.spec, loaded),
      ),
    );
  }
  // Only payloads wait for other programs; what they give does not depend on who is first (FW-233).
  const payloads = await inParallel(files, PARALLEL, async ({ file, builder }) =>
    report([await preparer.file(file, builder)]),
  );
  return [...specs, ...payloads.flat()];
}

/** How many payloads are built at a time. */
const PARALLEL = 4;

/** Folder in `dist` that keeps what was installed for packages. */
export const CACHE_FOLDER = ".cache";

/** Loads the spec files in TypeScript, all together. */
async function modulesOf(
  { project, environment, realmInfo }: BuildWork,
  outputs: readonly Output[],
): Promise<ReadonlyMap<string, LoadedModule>> {
  const files = outputs.filter(({ spec }) => spec?.format === "ts").map(({ source }) => source);
  if (files.length === 0) return new Map();
  const { loadModules } = await import("./typed/load-modules.ts");
  return await loadModules(files, {
    root: project.dir,
    env: environment.name,
    config: environment.config,
    realm: realmInfo?.record,
    environ: project.host.environ,
  });
}

/** Runs the checks over the whole project, on what is new and what is as it was. */
export async function checkTogether(
  work: BuildWork,
  prepared: readonly Prepared[],
  fresh: readonly BuildEntry[],
  isPartial = false,
  isThorough = false,
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
    ...prepared.filter(({ entry }) => isUploaded(entry)).flatMap(({ files }) => files),
    ...fresh.filter(isUploaded).flatMap(({ files }) => files),
  ].map(({ path }) => payloadName(path));
  const { project, environment, sources, realmInfo } = work;
  const isComplete =
    !isPartial &&
    prepared.every(
      ({ findings, data, files }) =>
        (data !== undefined && data !== null) ||
        files.length > 0 ||
        findings.every(({ severity }) => severity !== "error"),
    );
  const context = { project, environment, sources, items, payloads, realmInfo, isComplete };
  return runRules(context, isThorough);
}

/** Whether the files of an entry go to the payload area; the id of an image does not (FW-245). */
export function isUploaded({ group, kind }: Pick<BuildEntry, "group" | "kind">): boolean {
  return group === "payload" && kind !== "docker";
}

const nowhere = (entry: { source: string }) => () => ({ file: entry.source });

/** Name of a payload: `lava-payloads/x.rsc/a` -> `x.rsc/a`. */
export function payloadName(path: string): string {
  return path.slice(path.indexOf("/") + 1);
}

/** An item as it stands in `dist`; null when it is left out. */
export function readItem(dist: string, entry: BuildEntry): DataMap | null {
  const data = parseJson(readFileSync(join(dist, entry.output), "utf8"));
  return isDataMap(data) ? data : null;
}

/** By file, then by place. */
export function byPlace(a: Finding, b: Finding): number {
  return (
    (a.file ?? "").localeCompare(b.file ?? "") ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0)
  );
}

/** Without errors. */
export function warningsOf(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ severity }) => severity === "warning");
}
