import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder with files in it, removed when disposed of. */
export interface ProjectDir extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
  /** Absolute path of a file in it. */
  file(name: string): string;
  /** Writes more files. */
  write(files: ProjectFiles): Promise<void>;
}

/** Files by path; a name that ends in `.sh` or whose content begins with `#!` is made executable. */
export type ProjectFiles = Readonly<Record<string, string | Uint8Array>>;

/**
 * Makes a folder of the files given.
 *
 * @example await using project = await projectDir({ "lava.yaml": "...", "jobs/a.yaml": "..." });
 */
export async function projectDir(files: ProjectFiles = {}): Promise<ProjectDir> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "lava-project-")));
  const project: ProjectDir = {
    path,
    file: (name) => join(path, name),
    async write(more) {
      for (const [name, content] of Object.entries(more)) {
        const file = join(path, name);
        const executable =
          name.endsWith(".sh") || (typeof content === "string" && content.startsWith("#!"));
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content, { mode: executable ? 0o755 : 0o644 });
      }
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
  await project.write(files);
  return project;
}
