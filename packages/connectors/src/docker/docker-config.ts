import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMap } from "@lava/core";
import { DOCKER_HUB } from "./image-reference.ts";

/** A user of a registry. */
export interface RegistryUser {
  readonly username: string;
  readonly password: string;
}

/** What lava takes from the configuration file of the docker command. It never writes there (JOB-docker-16). */
export interface DockerConfig {
  /** The user that the file has for a registry; those kept by credential helpers are not found. */
  user(registry: string): RegistryUser | undefined;
  /** Proxy variables for containers, in small and in capital letters (JOB-docker-08). */
  readonly proxies: Readonly<Record<string, string>>;
}

const PROXIES = {
  httpProxy: "http_proxy",
  httpsProxy: "https_proxy",
  ftpProxy: "ftp_proxy",
  noProxy: "no_proxy",
  allProxy: "all_proxy",
} as const;

/** Reads `config.json` of DOCKER_CONFIG or `~/.docker`; one that is missing or broken counts as empty. */
export async function loadDockerConfig(
  env: Readonly<Record<string, string | undefined>>,
): Promise<DockerConfig> {
  const home = env["HOME"];
  const folder = env["DOCKER_CONFIG"] || (home ? join(home, ".docker") : undefined);
  const content = folder === undefined ? undefined : await readConfig(join(folder, "config.json"));
  const auths = isMap(content?.["auths"]) ? content["auths"] : {};
  const proxies = isMap(content?.["proxies"]) ? content["proxies"] : {};
  return {
    user(registry) {
      const names =
        registry === DOCKER_HUB
          ? ["https://index.docker.io/v1/", "index.docker.io", DOCKER_HUB]
          : [registry, `https://${registry}`, `https://${registry}/v2/`, `http://${registry}`];
      return names.map((name) => toUser(auths[name])).find((user) => user !== undefined);
    },
    proxies: toProxies(proxies["default"]),
  };
}

async function readConfig(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(file, "utf8"));
    return isMap(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

function toUser(entry: unknown): RegistryUser | undefined {
  if (!isMap(entry)) return undefined;
  const { auth, username, password } = entry;
  if (typeof username === "string" && typeof password === "string") return { username, password };
  return typeof auth === "string" && auth !== "" ? decodeUser(auth) : undefined;
}

/** User and password of `base64(user:password)`, the form of docker's file and of ECR's tokens. */
export function decodeUser(token: string): RegistryUser {
  const text = Buffer.from(token, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function toProxies(settings: unknown): Record<string, string> {
  const result: Record<string, string> = {};
  if (!isMap(settings)) return result;
  for (const [key, name] of Object.entries(PROXIES)) {
    const value = settings[key];
    if (typeof value !== "string" || value === "") continue;
    result[name] = value;
    result[name.toUpperCase()] = value;
  }
  return result;
}
