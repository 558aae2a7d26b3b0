import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Client programs in front of the real ones, which keep what each was called with. */
export interface SeenPrograms {
  /** To be the first folder of PATH. */
  readonly folder: string;
  /** Arguments and environment of each call so far, by a name that tells the program. */
  calls(): Promise<ReadonlyMap<string, Buffer>>;
}

/** Puts scripts of these names into `folder`; those of lava's own commands run them from source. */
export async function seenPrograms(
  folder: string,
  names: readonly string[],
  path: string,
): Promise<SeenPrograms> {
  const kept = join(folder, "calls");
  await mkdir(kept, { recursive: true });
  for (const name of names) {
    const real = name.startsWith("lava-")
      ? `'${process.execPath}' --conditions=@lava/source --disable-warning=ExperimentalWarning '${MAIN}' ${name.slice(5)}`
      : `PATH='${path}' ${name}`;
    // Short programs are gone before anybody can look; their calls stay.
    const lines = [
      "#!/bin/bash",
      `cat /proc/$$/cmdline /proc/$$/environ > '${kept}/${name}'.$$`,
      name.startsWith("lava-") ? `exec ${real} "$@"` : `exec env ${real} "$@"`,
      "",
    ];
    await writeFile(join(folder, name), lines.join("\n"));
    await chmod(join(folder, name), 0o755);
  }
  return {
    folder,
    async calls() {
      const names = await readdir(kept);
      return new Map(
        await Promise.all(
          names.map(async (name) => [name, await readFile(join(kept, name))] as const),
        ),
      );
    },
  };
}

/** PATH with a folder before the rest. */
export function inFront(folder: string, path: string): string {
  return `${folder}${delimiter}${path}`;
}
