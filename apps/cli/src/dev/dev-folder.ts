import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LavaError } from "@lava/core";
import type { DevRealm } from "./dev-realm-record.ts";

/** Places below a project's `.lava-dev` folder. */
export interface DevFolder {
  readonly project: string;
  readonly root: string;
  readonly data: string;
  readonly logs: string;
  readonly processes: string;
  readonly tmp: string;
  readonly realmFile: string;
}

/** The dev folder of a project; nothing is created. */
export function devFolder(project: string): DevFolder {
  const root = join(project, ".lava-dev");
  return {
    project,
    root,
    data: join(root, "aws"),
    logs: join(root, "logs"),
    processes: join(root, "processes"),
    tmp: join(root, "tmp"),
    realmFile: join(root, "realm.json"),
  };
}

/** Makes the folders, private to the user. */
export async function createDevFolder(folder: DevFolder): Promise<void> {
  for (const path of [folder.root, folder.data, folder.logs, folder.processes, folder.tmp]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
}

/** The nearest folder at or above `start` that holds a project (`config/` and a `lava-*` folder). */
export function findProject(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const has = (name: string): boolean => existsSync(join(folder, name));
    if (has("config") && (has("lava-jobs") || has("lava-connections") || has("lava-payloads")))
      return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** The project that the user stands in. */
export function requireProject(start: string): string {
  const project = findProject(start);
  if (project === undefined) {
    throw new LavaError("NOT_A_PROJECT", `${start} is not in a lava project`, {
      hint: "Change to a folder that holds config/ and lava-jobs/, or make one with `lava new`.",
      kind: "usage",
    });
  }
  return project;
}

/** The dev realm as last started, if there was one. */
export async function loadDevRealm(folder: DevFolder): Promise<DevRealm | undefined> {
  if (!existsSync(folder.realmFile)) return undefined;
  const { devRealm } = await import("./dev-realm-record.ts");
  const parsed = devRealm.safeParse(parseOrUndefined(await readFile(folder.realmFile, "utf8")));
  if (!parsed.success) {
    throw new LavaError(
      "BAD_DEV_FOLDER",
      `${folder.realmFile} is not what this version of lava writes`,
      {
        hint: "Start over with `lava dev reset`.",
      },
    );
  }
  return parsed.data;
}

/** Keeps the dev realm. */
export async function saveDevRealm(folder: DevFolder, realm: DevRealm): Promise<void> {
  await replaceFile(folder.realmFile, `${JSON.stringify(realm, null, 2)}\n`);
}

/** Writes a file of the dev folder in one step: it is there whole or as it was. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
}

/** JSON of a file of the dev folder; undefined when it is none. */
export function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
