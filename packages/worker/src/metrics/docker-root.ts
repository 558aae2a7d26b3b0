import { request } from "node:http";
import { isMap } from "@lava/core";

const TIMEOUT_MS = 2000;

/** The directory of docker's data, when a daemon answers at a socket of this host. */
export async function dockerRoot(host: string | undefined): Promise<string | undefined> {
  if (host !== undefined && host !== "" && !host.startsWith("unix://")) return undefined;
  const socketPath = host?.replace(/^unix:\/\//, "") || "/var/run/docker.sock";
  try {
    const info: unknown = JSON.parse(await get(socketPath, "/info"));
    const root = isMap(info) ? info["DockerRootDir"] : undefined;
    return typeof root === "string" ? root : undefined;
  } catch {
    return undefined;
  }
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, path, headers: { host: "docker" }, signal: AbortSignal.timeout(TIMEOUT_MS) },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => (body += part));
        response.once("end", () => {
          resolve(body);
        });
        response.once("error", reject);
      },
    );
    asked.once("error", reject);
    asked.end();
  });
}
