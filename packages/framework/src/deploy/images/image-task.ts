import type { Realm } from "@lava/realm";
import type { ProjectHost } from "../../project.ts";
import type { Task } from "../tasks.ts";
import type { ImageChange } from "../types.ts";
import { openDocker } from "./push-image.ts";
import { deleteRepository, ensureRepository, latestImage, registryLogin } from "./registry.ts";

/** Pushes an image, makes an earlier one `latest` again, or deletes a repository (FW-201..204). */
export function imageTask(
  { action, repository, id, tag, before }: ImageChange,
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
      if (action === "delete" && now === undefined) return "already";
      if (now?.digest !== before) return "conflict";
      if (action === "delete" || tag === undefined) {
        return (await deleteRepository(realm, repository)) ? "done" : "already";
      }
      await ensureRepository(realm, repository);
      const login = await registryLogin(realm);
      using session = openDocker(login, environ);
      const name = `${login.host}/${repository}`;
      if (id === undefined) await session.docker("pull", `${name}:${tag}`);
      else {
        await session.docker("tag", id, `${name}:${tag}`);
        await session.docker("push", `${name}:${tag}`);
      }
      // `latest` moves when all of the image is there.
      await session.docker("tag", `${name}:${tag}`, `${name}:latest`);
      await session.docker("push", `${name}:latest`);
      return "done";
    },
  };
}
