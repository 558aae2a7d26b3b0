import { execFile, spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { TestRegistry } from "./docker-registry.ts";
import { findServerProgram } from "./find-program.ts";
import { startProgram } from "./start-program.ts";
import type { TestServer } from "./test-server.ts";

const run = promisify(execFile);

/** A docker daemon of a test; containers have the host's network or none. */
export interface TestDockerd extends TestServer {
  /** Path of its socket. */
  readonly socket: string;
  readonly pid: number;
  /** Runs the docker command on it; what it printed. */
  docker(...args: readonly string[]): Promise<string>;
  /** Makes an image of a few programs of this machine (`/bin/sh` among them), by `docker import`. */
  importImage(name: string): Promise<void>;
  /** Pushes an image to the registry that its name begins with. */
  push(image: string, registry: TestRegistry): Promise<void>;
}

/** What the image of {@link TestDockerd.importImage} holds, libraries beside it. */
const PROGRAMS = ["bash", "cat", "dash", "dirname", "env", "hostname", "id", "ls", "sleep", "stat"];

/**
 * Starts a docker daemon with storage, socket and networks of its own; it needs root.
 *
 * @param env Where programs are looked up: PATH.
 * @throws {Error} that says what to install, or why the daemon does not come up
 */
export async function startDockerd(
  env: Readonly<Record<string, string | undefined>>,
): Promise<TestDockerd> {
  const path = env["PATH"] ?? "";
  const program = await findServerProgram("dockerd", "docker.io", path);
  const client = await findServerProgram("docker", "docker.io", path);
  const socketOf = (folder: string): string => join(folder, "docker.sock");
  const running = await startProgram({
    name: "dockerd",
    program,
    env: { PATH: `${path}:/usr/sbin:/sbin` },
    args: (folder) => [
      "--iptables=false",
      "--ip6tables=false",
      "--bridge=none",
      "--storage-driver=vfs",
      "--data-root",
      join(folder, "data"),
      "--exec-root",
      join(folder, "exec"),
      "--pidfile",
      join(folder, "dockerd.pid"),
      "-H",
      `unix://${socketOf(folder)}`,
    ],
    isReady: (folder) => ping(socketOf(folder)),
    // The daemon leaves the mount of its default network namespace; one that was killed leaves its data's too.
    cleanUp: async (folder) => {
      for (const mount of ["exec/netns/default", "data"]) {
        await run("umount", [join(folder, mount)]).catch(() => undefined);
      }
    },
  });
  const { folder } = running;
  const variables = { DOCKER_HOST: `unix://${socketOf(folder)}`, DOCKER_CONFIG: folder };
  const docker = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run(client, [...args], { env: { PATH: path, ...variables } });
    return stdout.trim();
  };
  return {
    name: "dockerd",
    folder,
    pid: running.pid,
    env: variables,
    socket: socketOf(folder),
    docker,
    async push(image, { host, user, password }) {
      await login(client, host, { user, password, env: { PATH: path, ...variables } });
      await docker("push", image);
      await docker("logout", host);
    },
    importImage: (name) => importImage(name, client, { PATH: path, ...variables }),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** Logs in; the password goes in by stdin, as arguments are everybody's to see. */
async function login(
  client: string,
  host: string,
  { user, password, env }: { user: string; password: string; env: Record<string, string> },
): Promise<void> {
  const logged = run(client, ["login", "-u", user, "--password-stdin", host], { env });
  logged.child.stdin?.end(password);
  await logged;
}

function ping(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: "/_ping" }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .once("error", reject)
      .end();
  });
}

async function importImage(
  name: string,
  client: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "lava-image-"));
  try {
    await chmod(root, 0o755);
    await mkdir(join(root, "tmp"));
    await chmod(join(root, "tmp"), 0o1777);
    await mkdir(join(root, "bin"));
    for (const program of PROGRAMS) {
      const file = await findServerProgram(program, "coreutils", env["PATH"] ?? "");
      await copyInto(root, await realpath(file), join("/bin", program));
      const { stdout } = await run("ldd", [file]);
      for (const [library] of stdout.matchAll(/\/\S+/g)) await copyInto(root, library, library);
    }
    await symlink("dash", join(root, "bin/sh"));
    await importTree(root, name, client, env);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function copyInto(root: string, file: string, as: string): Promise<void> {
  const target = join(root, as);
  await mkdir(dirname(target), { recursive: true });
  await cp(file, target, { dereference: true });
}

async function importTree(
  root: string,
  name: string,
  client: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const tar = spawn("tar", ["-C", root, "-c", "."], { stdio: ["ignore", "pipe", "ignore"] });
  const load = spawn(client, ["import", "-", name], { env, stdio: ["pipe", "ignore", "pipe"] });
  tar.stdout.pipe(load.stdin);
  let said = "";
  load.stderr.on("data", (part: Buffer) => {
    said += part.toString();
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    load.once("error", reject);
    load.once("close", resolve);
  });
  if (status !== 0) throw new Error(`docker import ${name} failed: ${said}`);
}
