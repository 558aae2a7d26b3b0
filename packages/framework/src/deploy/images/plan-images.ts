import { inParallel } from "@lava/core";
import type { Realm } from "@lava/realm";
import { selectionOf } from "../../build/only.ts";
import type { BuildResult } from "../../build/types.ts";
import type { DeployedManifest, ImageChange } from "../types.ts";
import { latestImage } from "./registry.ts";

const PARALLEL = 8;

/** What a deployment does to images. */
export interface PlannedImages {
  readonly changes: readonly ImageChange[];
  readonly unchanged: number;
  readonly owned: readonly { readonly repository: string }[];
  /** Deployed earlier, and no longer in the project. */
  readonly gone: readonly string[];
}

/** The tag that is always of this one image: the start of its id (FW-203). */
export function fixedTag(id: string): string {
  return id.replace(/^sha256:/, "").slice(0, 12);
}

/** Compares the images of a build with the registry; without images nothing is asked (FW-202). */
export async function planImages(
  { images, only }: BuildResult,
  realm: Realm,
  deployed: DeployedManifest,
): Promise<PlannedImages> {
  const changes = await inParallel(images, PARALLEL, async ({ repository, id, parts }) => {
    const before = await latestImage(realm, repository);
    const tag = fixedTag(id);
    if (before?.tags.includes(tag) === true) return [];
    const change: ImageChange = {
      action: before === undefined ? "create" : "update",
      repository,
      id,
      ...(parts === undefined ? {} : { parts }),
      tag,
      before: before?.digest,
      beforeTag: before?.tags.find((name) => name !== "latest"),
    };
    return [change];
  });
  const selection = selectionOf(only);
  const names = new Set(images.map(({ repository }) => repository));
  const others = (deployed.images ?? []).filter(({ repository }) => !names.has(repository));
  const isMeant = (repository: string): boolean => selection?.matchesId(repository) ?? true;
  return {
    changes: changes.flat(),
    unchanged: images.length - changes.flat().length,
    owned: [
      ...images.map(({ repository }) => ({ repository })),
      ...others.filter(({ repository }) => !isMeant(repository)),
    ],
    gone: others.map(({ repository }) => repository).filter(isMeant),
  };
}

/** Deletes of repositories, of those that are there. */
export async function imageDeletions(
  repositories: readonly string[],
  realm: Realm,
): Promise<ImageChange[]> {
  const found = await inParallel(repositories, PARALLEL, async (repository) => {
    const now = await latestImage(realm, repository);
    if (now === undefined) return [];
    const beforeTag = now.tags.find((name) => name !== "latest");
    return [{ action: "delete" as const, repository, before: now.digest, beforeTag }];
  });
  return found.flat();
}
