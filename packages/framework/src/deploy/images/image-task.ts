import type { Realm } from "@lava/realm";
import { platformTag } from "../../build/docker/platform-tag.ts";
import type { ImagePart } from "../../build/payload/payload-builder.ts";
import type { ProjectHost } from "../../project.ts";
import type { Task } from "../task.ts";
import type { ImageChange } from "../types.ts";
import {
  type ImageManifest,
  manifestList,
  readManifest,
  writeManifest,
} from "./image-manifests.ts";
import { openDocker } from "./push-image.ts";
import {
  deleteRepository,
  ensureRepository,
  latestImage,
  type RegistryLogin,
  registryLogin,
} from "./registry.ts";

/** Pushes an image, makes an earlier one `latest` again, or deletes a repository (FW-201..204). */
export function imageTask(
  { action, repository, id, parts, tag, before }: ImageChange,
  realm: Realm,
  environ: ProjectHost["environ"],
): Task {
  return {
    step: { kind: "image", id: repository, action },
    async run() {
      const now = await latestImage(realm, repository);
      if (action !== "delete" && tag !== undefined && now?.tags.includes(tag) === true) {
        return "already";
      }
      // A repository without `latest` goes only where none was seen: a deployment was killed before it came to that.
      if (action === "delete" && now === undefined && before !== undefined) return "already";
      if (now?.digest !== before) return "conflict";
      if (action === "delete" || tag === undefined) {
        return (await deleteRepository(realm, repository)) ? "done" : "already";
      }
      await ensureRepository(realm, repository);
      const login = await registryLogin(realm);
      if (parts !== undefined) await pushParts(parts, { login, repository, tag, environ });
      else if (id !== undefined)
        await pushImage(id, `${login.host}/${repository}:${tag}`, login, environ);
      // `latest` moves when all of the image is there.
      await writeManifest(login, repository, "latest", await readManifest(login, repository, tag));
      return "done";
    },
  };
}

async function pushImage(
  id: string,
  name: string,
  login: RegistryLogin,
  environ: ProjectHost["environ"],
): Promise<void> {
  using session = openDocker(login, environ);
  await session.docker("tag", id, name);
  await session.docker("push", name);
}

/** The image of each platform under a tag of its own, and a list of them under the tag of all (FW-193). */
async function pushParts(
  parts: readonly ImagePart[],
  {
    login,
    repository,
    tag,
    environ,
  }: {
    readonly login: RegistryLogin;
    readonly repository: string;
    readonly tag: string;
    readonly environ: ProjectHost["environ"];
  },
): Promise<void> {
  const pushed: { platform: string; manifest: ImageManifest }[] = [];
  for (const { platform, id } of parts) {
    const own = `${tag}-${platformTag(platform)}`;
    await pushImage(id, `${login.host}/${repository}:${own}`, login, environ);
    pushed.push({ platform, manifest: await readManifest(login, repository, own) });
  }
  await writeManifest(login, repository, tag, manifestList(pushed));
}
