import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DataMap, parseJson } from "@lava/core";
import { type Environment, loadEnvironment } from "../environment.ts";
import { awsOfEnvironment, type AwsLookup, createAwsAccess } from "../helpers/aws-access.ts";
import type { Project } from "../project.ts";
import type { OnRendered } from "./build-spec.ts";
import { type BuildEntry, stateKey } from "./build-state.ts";
import { discoverSources, type Sources } from "./discover.ts";
import { createInputs, type Inputs } from "./fingerprints.ts";
import { listOutputs, type Output, treeText } from "./outputs.ts";
import type { Prepared } from "./prepare.ts";
import { isDataMap, pythonJson } from "./python-json.ts";
import { cachedRealm } from "./realm-cache.ts";
import { buildContext } from "./template-context.ts";
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
  options: Pick<BuildOptions, "validation" | "onProgress"> & { readonly onRendered?: OnRendered },
): Promise<Prepared[]> {
  if (outputs.length === 0) return [];
  const { createPreparer } = await import("./prepare.ts");
  const { environment, project, realmInfo } = work;
  const aws = createAwsAccess(awsOf(project, realmInfo));
  const preparer = createPreparer({
    root: project.dir,
    inputs: work.inputs,
    aws,
    context: buildContext(environment, realmInfo?.record, project.host, aws),
    validation: options.validation ?? "error",
    ...(options.onRendered === undefined ? {} : { onRendered: options.onRendered }),
    extensions: work.project.plugins?.extensions,
  });
  const prepared: Prepared[] = [];
  for (const output of outputs) {
    const made =
      output.spec === undefined
        ? await preparer.file(output.file, output.builder)
        : await preparer.spec(output.spec);
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
    ...prepared.filter(({ entry }) => entry.group === "payload").flatMap(({ files }) => files),
    ...fresh.filter(({ group }) => group === "payload").flatMap(({ files }) => files),
  ].map(({ path }) => payloadName(path));
  const { project, environment, sources, realmInfo } = work;
  const isComplete = prepared.every(
    ({ findings, data, files }) =>
      (data !== undefined && data !== null) ||
      files.length > 0 ||
      findings.every(({ severity }) => severity !== "error"),
  );
  const context = { project, environment, sources, items, payloads, realmInfo, isComplete };
  return runRules(context, isThorough);
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
