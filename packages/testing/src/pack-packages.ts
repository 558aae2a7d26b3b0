import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What {@link packPackages} packs. */
export interface PackOptions {
  /** The repository. */
  readonly root: string;
  /** The package whose dependencies in the workspace are built with it. */
  readonly name: string;
  /** Folders of what is packed, below the repository. */
  readonly folders: readonly string[];
  /** Where the tarballs go; made where it is missing. */
  readonly target: string;
  /** Of the processes: PATH with Node and pnpm, HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Builds packages and packs them as a registry would have them: file of each tarball by the package's name. Tests that
 * do so at the same time wait for each other, as all of them write the same `dist`.
 *
 * @example const tarballs = await packPackages({ root, name: "@lava/core", folders: ["packages/core"], target, env });
 */
export async function packPackages({
  root,
  name,
  folders,
  target,
  env,
}: PackOptions): Promise<Map<string, string>> {
  await mkdir(target, { recursive: true });
  const turbo = join(root, "node_modules/.bin/turbo");
  const build = `'${turbo}' run build --filter='${name}...' --output-logs=errors-only`;
  const packs = folders.map(
    (folder) => `(cd '${folder}' && pnpm pack --pack-destination '${target}')`,
  );
  // The end of its process is the end of the lock.
  const lock = `exec 9>node_modules/.packing; if command -v flock >/dev/null; then flock 9; fi`;
  await run("bash", ["-euc", [lock, build, ...packs].join("\n")], {
    cwd: root,
    env: { ...env, TURBO_TELEMETRY_DISABLED: "1" },
    maxBuffer: 2 ** 26,
  });
  const files = (await readdir(target)).filter((file) => file.endsWith(".tgz"));
  return new Map(
    files.map((file) => {
      const short = /^lava-(.*)-\d+\.\d+\.\d+.*\.tgz$/.exec(file)?.[1] ?? file;
      return [`@lava/${short}`, join(target, file)];
    }),
  );
}
