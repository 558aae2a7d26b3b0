import { LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import { dockerUnavailable, isUnreachable, removeImages } from "../build/docker/docker-build.ts";
import { lastLines, runTool } from "../build/tools/run-tool.ts";
import { openDocker } from "../deploy/images/push-image.ts";
import { ensureRepository, registryLogin } from "../deploy/images/registry.ts";
import type { ProjectHost } from "../project.ts";

type Clients = Pick<Realm, "clients">;

/**
 * Logs the user's docker in to the registry of the account (CLI-220); gives its host.
 *
 * @throws {LavaError} DOCKER_UNAVAILABLE, REGISTRY_LOGIN_FAILED
 */
export async function loginToRegistry(
  account: Clients,
  environ: ProjectHost["environ"],
): Promise<string> {
  const { host, auth } = await registryLogin(account);
  const [user = "", ...password] = Buffer.from(auth, "base64").toString("utf8").split(":");
  const { status, output, isMissing } = await runTool({
    program: "docker",
    args: ["login", "--username", user, "--password-stdin", host],
    cwd: "/",
    env: environ,
    input: password.join(":"),
  });
  if (isMissing || isUnreachable(output)) throw dockerUnavailable(output);
  if (status === 0) return host;
  throw new LavaError("REGISTRY_LOGIN_FAILED", `Cannot login to ${host}: ${lastLines(output, 3)}`);
}

/**
 * Pushes images to the registry of the account as `latest`, repositories made as needed (CLI-221); the first that
 * fails ends it. A tag in a name counts for the image here, not for the repository.
 *
 * @throws {LavaError} DOCKER_UNAVAILABLE, IMAGE_PUSH_FAILED, REGISTRY_LOGIN_FAILED
 */
export async function pushImages(
  names: readonly string[],
  account: Clients,
  environ: ProjectHost["environ"],
): Promise<void> {
  const login = await registryLogin(account);
  using session = openDocker(login, environ);
  for (const name of names) {
    const repository = name.replace(/:[^/:]*$/, "");
    await ensureRepository(account, repository);
    await session.docker("tag", name, `${login.host}/${repository}:latest`);
    await session.docker("push", `${login.host}/${repository}:latest`);
  }
}

/**
 * Removes images by their ids, so that all their names go (CLI-222).
 *
 * @returns The names that stand for no image
 * @throws {LavaError} DOCKER_UNAVAILABLE
 */
export async function purgeImages(
  names: readonly string[],
  environ: ProjectHost["environ"],
): Promise<string[]> {
  const ids = new Set<string>();
  const unknown: string[] = [];
  for (const name of names) {
    const { status, stdout, output, isMissing } = await runTool({
      program: "docker",
      args: ["image", "inspect", "--format", "{{.Id}}", name],
      cwd: "/",
      env: environ,
    });
    if (isMissing || isUnreachable(output)) throw dockerUnavailable(output);
    if (status === 0) ids.add(stdout.trim());
    else unknown.push(name);
  }
  return [...unknown, ...(await removeImages([...ids], environ))];
}
