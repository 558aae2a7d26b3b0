import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findServerProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { startProgram } from "./start-program.ts";
import type { TestServer } from "./test-server.ts";

/** A registry of a test. It lets in one user, under the name given here and as `AWS`, the name that ECR's tokens have. */
export interface TestRegistry extends TestServer {
  /** `127.0.0.1:port`; docker daemons speak plain HTTP to it. */
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

const PASSWORD = "registry-secret";
/** bcrypt of {@link PASSWORD}; the registry reads no other kind. */
const HASH = "$2a$04$TZN/uoZsPMNl4J5MzOQbBurAhTh.M1AFWh3MutTwTUxl0g2F5yw1K";

/**
 * Starts an image registry with a login.
 *
 * @param env Where programs are looked up: PATH.
 * @throws {Error} that says what to install, or why it does not come up
 */
export async function startDockerRegistry(
  env: Readonly<Record<string, string | undefined>>,
): Promise<TestRegistry> {
  const program = await findServerProgram("docker-registry", "docker-registry", env["PATH"] ?? "");
  const host = `127.0.0.1:${await freePort()}`;
  const running = await startProgram({
    name: "docker-registry",
    program,
    env: { PATH: env["PATH"] },
    async prepare(folder) {
      await writeFile(join(folder, "users"), `lava:${HASH}\nAWS:${HASH}\n`);
      const config = {
        version: "0.1",
        log: { level: "error" },
        storage: { filesystem: { rootdirectory: join(folder, "data") } },
        http: { addr: host },
        auth: { htpasswd: { realm: "test", path: join(folder, "users") } },
      };
      await writeFile(join(folder, "config.yml"), JSON.stringify(config));
    },
    args: (folder) => ["serve", join(folder, "config.yml")],
    async isReady() {
      const { status } = await fetch(`http://${host}/v2/`);
      return status === 401;
    },
  });
  return {
    name: "docker-registry",
    folder: running.folder,
    env: {},
    host,
    user: "lava",
    password: PASSWORD,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
