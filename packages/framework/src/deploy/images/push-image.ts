import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { isMap, LavaError, parseJson } from "@lava/core";
import { dockerUnavailable, isUnreachable } from "../../build/docker/docker-build.ts";
import { lastLines, runTool } from "../../build/tools/run-tool.ts";
import type { ProjectHost } from "../../project.ts";
import type { RegistryLogin } from "./registry.ts";

/** Docker commands with a login that is nowhere but in a folder of its own, for the time of their use. */
export interface DockerSession extends Disposable {
  /** @throws {LavaError} DOCKER_UNAVAILABLE, IMAGE_PUSH_FAILED */
  docker(...args: readonly string[]): Promise<void>;
}

/** Opens a session; the user's own contexts, proxies and other logins are kept. */
export function openDocker(
  { host, auth }: RegistryLogin,
  environ: ProjectHost["environ"],
): DockerSession {
  const own = environ["DOCKER_CONFIG"] ?? join(environ["HOME"] ?? homedir(), ".docker");
  const folder = mkdtempSync(join(tmpdir(), "lava-docker-"));
  const { credsStore: _store, credHelpers, auths, ...config } = configIn(own);
  writeFileSync(
    join(folder, "config.json"),
    JSON.stringify({
      ...config,
      // A helper would be asked before what stands here.
      credHelpers: isMap(credHelpers) ? { ...credHelpers, [host]: undefined } : undefined,
      auths: { ...(isMap(auths) ? auths : {}), [host]: { auth } },
    }),
    { mode: 0o600 },
  );
  for (const name of ["contexts", "cli-plugins"]) symlinkSync(join(own, name), join(folder, name));
  return {
    async docker(...args) {
      const { status, output, isMissing } = await runTool({
        program: "docker",
        args,
        cwd: folder,
        env: { ...environ, DOCKER_CONFIG: folder },
      });
      if (isMissing || isUnreachable(output)) throw dockerUnavailable(output);
      if (status === 0) return;
      const isLost = /no such image/i.test(output);
      throw new LavaError(
        "IMAGE_PUSH_FAILED",
        `docker ${args.join(" ")} has failed: ${lastLines(output, 3)}`,
        isLost ? { hint: "The image is not in this docker engine any more: build again." } : {},
      );
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configIn(folder: string): Record<string, unknown> {
  try {
    const config = parseJson(readFileSync(join(folder, "config.json"), "utf8"));
    return isMap(config) ? config : {};
  } catch {
    return {};
  }
}
