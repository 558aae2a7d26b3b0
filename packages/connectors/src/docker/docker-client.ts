import { isMap, LavaError } from "@lava/core";
import type Dockerode from "dockerode";
import type { DockerClient } from "./client.ts";
import { daemonText, dockerCalls } from "./docker-calls.ts";
import type { DockerConfig, RegistryUser } from "./docker-config.ts";
import { createDockerContainer } from "./docker-container.ts";
import type { DockerServer } from "./docker-server.ts";
import { type ImageReference, parseImageReference } from "./image-reference.ts";
import { pullImage } from "./pull-image.ts";
import type { RegistryLogin } from "./registry-login.ts";

/** What a client is made of. */
export interface DockerClientOptions {
  readonly conn_id: string;
  readonly docker: Dockerode;
  readonly server: DockerServer;
  /** Milliseconds that one call of the daemon may take. */
  readonly timeoutMs: number;
  readonly config: DockerConfig;
  readonly login: () => Promise<RegistryLogin | undefined>;
}

/** Milliseconds for a login (CON-docker-03). */
const LOGIN_MS = 30_000;

/** A client of a daemon, logged in at the registry of its record. @throws {LavaError} REGISTRY_LOGIN_FAILED */
export async function createDockerClient(options: DockerClientOptions): Promise<DockerClient> {
  const { docker, server, timeoutMs, config } = options;
  let login = await openLogin(options);
  const userFor = ({ registry }: ImageReference): RegistryUser | undefined =>
    login?.registry === registry ? login : config.user(registry);
  const call = dockerCalls(timeoutMs);
  return {
    server,
    registry: login?.registry,
    async info() {
      const info: unknown = await call("Cannot reach the docker daemon", () => docker.info());
      const text = (name: string): string =>
        isMap(info) && typeof info[name] === "string" ? info[name] : "";
      return {
        name: text("Name"),
        version: text("ServerVersion"),
        rootDir: text("DockerRootDir"),
      };
    },
    async pull(image, { onProgress, signal } = {}) {
      const reference = parseImageReference(image);
      await pullImage(docker, reference, { user: userFor(reference), onProgress, signal });
    },
    async login() {
      login = await openLogin(options);
    },
    async create({ name, image, command, env, labels, config: more, hostConfig }) {
      const variables = { ...config.proxies, ...env };
      const container = await call(`Cannot create a container of ${image}`, (abortSignal) =>
        docker.createContainer({
          ...more,
          name,
          Image: image,
          ...(command === undefined ? {} : { Cmd: [...command] }),
          Env: Object.entries(variables).map(([key, value]) => `${key}=${value}`),
          Labels: { ...labels },
          AttachStdout: true,
          AttachStderr: true,
          HostConfig: { ...hostConfig },
          abortSignal,
        }),
      );
      return createDockerContainer(container, docker, call);
    },
    async list(labels) {
      const found = await call("Cannot list containers", (abortSignal) =>
        docker.listContainers({
          all: true,
          filters: { label: Object.entries(labels).map(([key, value]) => `${key}=${value}`) },
          abortSignal,
        }),
      );
      return found.map(({ Id, Names, State, Labels }) => ({
        id: Id,
        name: (Names[0] ?? "").replace(/^\//, ""),
        state: State,
        labels: Labels,
      }));
    },
    async remove(container) {
      await createDockerContainer(docker.getContainer(container), docker, call).remove();
    },
    // Connections to the daemon are closed after each call.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The login, tried out: a wrong one is told before anything is fetched. */
async function openLogin({
  conn_id,
  docker,
  login,
}: DockerClientOptions): Promise<RegistryLogin | undefined> {
  const found = await login();
  if (found === undefined) return undefined;
  try {
    const { username, password, registry } = found;
    await docker.checkAuth({
      username,
      password,
      serveraddress: registry,
      abortSignal: AbortSignal.timeout(LOGIN_MS),
    });
    return found;
  } catch (cause) {
    throw new LavaError(
      "REGISTRY_LOGIN_FAILED",
      `Connection ${conn_id}: Cannot login to registry: ${daemonText(cause)}`,
      { cause, hint: "Check registry, user and password of the connection's record." },
    );
  }
}
