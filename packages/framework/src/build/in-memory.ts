import type { DataMap } from "@lava/core";
import type { Environment } from "../environment.ts";
import type { Project } from "../project.ts";
import { byPlace, isUploaded, openBuild, payloadName, prepareOutputs } from "./build-work.ts";
import { isDataMap } from "./python-json.ts";
import type { BuildOptions, Finding, ItemKind, RealmInfo } from "./types.ts";

/** A spec of a project, built but not written. */
export interface ItemInMemory {
  readonly kind: ItemKind;
  readonly id: string;
  /** Project-relative: `lava-jobs/a/b.yaml`. */
  readonly source: string;
  readonly data: DataMap;
  /** Where a field of it stands in the project. */
  readonly locate: (
    path: readonly (string | number)[],
  ) => Pick<Finding, "file" | "line" | "column">;
}

/** A project built for one environment, nothing written. */
export interface BuildInMemory {
  readonly environment: Environment;
  readonly items: readonly ItemInMemory[];
  /** Payload files by their names below the prefix of payloads: `x.sql`. */
  readonly payloads: ReadonlyMap<string, Uint8Array>;
  /** What is wrong with specs and payloads; what has an error may be missing above. */
  readonly findings: readonly Finding[];
  /** The realm's record, where it is known. */
  readonly realmInfo: RealmInfo | undefined;
}

/**
 * Builds a project for one environment in memory: to show what would be deployed.
 *
 * @throws {LavaError} UNKNOWN_ENVIRONMENT, INVALID_CONFIG
 */
export async function buildInMemory(
  project: Project,
  options: Pick<BuildOptions, "env" | "realmInfo">,
): Promise<BuildInMemory> {
  const work = await openBuild(project, options);
  const prepared = await prepareOutputs(work, work.outputs, { programs: "installers" });
  const payloads = new Map<string, Uint8Array>();
  for (const { entry, files } of prepared) {
    if (!isUploaded(entry)) continue;
    for (const { path, content } of files) payloads.set(payloadName(path), content);
  }
  return {
    environment: work.environment,
    items: prepared.flatMap(({ entry, data, locate }): ItemInMemory[] => {
      const { item: kind, id, source } = entry;
      if (kind === undefined || id === undefined || data === undefined || !isDataMap(data)) {
        return [];
      }
      return [{ kind, id, source, data, locate: locate ?? (() => ({ file: source })) }];
    }),
    payloads,
    findings: [...work.findings, ...prepared.flatMap(({ findings }) => findings)].sort(byPlace),
    realmInfo: work.realmInfo,
  };
}
