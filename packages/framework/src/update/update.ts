import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type DataMap, errorText, isMap, LavaError, parseJson } from "@lava/core";
import { sha256 } from "../build/fingerprints.ts";
import { loadEnvironment, valueAt } from "../environment.ts";
import type { Project } from "../project.ts";
import { projectFiles, SCAFFOLD_RECORD } from "../scaffold/project-files.ts";
import { scaffoldQuestions } from "../scaffold/questions.ts";
import type { ScaffoldFile } from "../scaffold/scaffold-file.ts";
import { completeAnswers } from "../scaffold/scaffold.ts";
import { FRAMEWORK_VERSION } from "../version.ts";
import { writeBackup } from "./backup.ts";
import { mergeTexts } from "./merge.ts";

/** What an update does to one file. */
export interface UpdatedFile {
  readonly path: string;
  /**
   * `kept`: it was edited, and the new one is beside it as `<path>.new`; `merged`: both changes are in it; `conflict`:
   * both, and marks where they meet; `gone`: it was deleted, and stays so.
   */
  readonly outcome: "created" | "replaced" | "merged" | "conflict" | "kept" | "gone";
}

/** What an update did, or would do. */
export interface UpdateResult {
  readonly from: string;
  readonly to: string;
  /** Without files that are as they should be. */
  readonly files: readonly UpdatedFile[];
  /** For people: what they have to look at. */
  readonly notes: readonly string[];
  /** Absolute path of the zip of what was there before. */
  readonly backup?: string | undefined;
}

/** Options of {@link updateProject}. */
export interface UpdateOptions {
  readonly dryRun?: boolean | undefined;
  /** Adds new mandatory keys with their defaults to the config files (FW-295). */
  readonly addKeys?: boolean | undefined;
}

/** Files that belong to the authors once they are written (FW-293). */
const AUTHORS = /^(?:config\/|lava-(?:jobs|payloads|connections|triggers|rules)\/(?!README\.md))/;

/**
 * Brings the framework's files of a project to this version (FW-287 to FW-298): three-way with what the project was
 * made with, after a backup; when it fails, the project is as it was.
 *
 * @throws {LavaError} UPDATE_FAILED
 */
export async function updateProject(
  project: Project,
  options: UpdateOptions = {},
): Promise<UpdateResult> {
  const from = recordedVersion(project);
  const { answers, notes } = await earlierAnswers(project);
  const base = recordedFiles(project);
  const writes: { path: string; content: string; executable: boolean }[] = [];
  const files: UpdatedFile[] = [];
  for (const file of projectFiles(answers)) {
    const isRecord =
      file.path === SCAFFOLD_RECORD || file.path === "etc/version" || file.path === ".config.json";
    if (AUTHORS.test(file.path)) continue;
    const planned = await planFile(project, file, base, { isRecord, from });
    writes.push(...planned.writes);
    if (planned.outcome !== undefined && file.path !== SCAFFOLD_RECORD)
      files.push({ path: file.path, outcome: planned.outcome });
  }
  const keys = await missingKeys(project, options.addKeys === true);
  writes.push(...keys.writes);
  const result = {
    from,
    to: FRAMEWORK_VERSION,
    files,
    notes: [...notes, ...keys.notes, ...oldLayout(project, from)],
  };
  if (options.dryRun === true || writes.length === 0) return result;
  const backup = await writeBackup(project);
  await writeAll(project, writes, backup);
  return { ...result, backup };
}

type Base = ReadonlyMap<string, { readonly sha256: string; readonly content?: string | undefined }>;

async function planFile(
  project: Project,
  file: ScaffoldFile,
  base: Base,
  { isRecord, from }: { readonly isRecord: boolean; readonly from: string },
): Promise<{
  outcome?: UpdatedFile["outcome"];
  writes: { path: string; content: string; executable: boolean }[];
}> {
  const { path, content } = file;
  const before = base.get(path);
  const own = readText(project, path);
  if (path === ".config.json") return planAnswers(own, file);
  if (own === undefined) {
    return before === undefined || isRecord
      ? { outcome: "created", writes: [file] }
      : { outcome: "gone", writes: [] };
  }
  if (own === content) return { writes: [] };
  if (isRecord || before?.sha256 === sha256(own)) return { outcome: "replaced", writes: [file] };
  // Edited here, and the same as ever in the framework.
  if (before?.sha256 === sha256(content)) return { writes: [] };
  if (before?.content !== undefined) {
    const texts = { own, base: before.content, other: content };
    const merged = await mergeTexts(project, texts, {
      base: `lava ${from}`,
      other: `lava ${FRAMEWORK_VERSION}`,
    });
    if (merged !== undefined) {
      return {
        outcome: merged.conflicts > 0 ? "conflict" : "merged",
        writes: [{ ...file, content: merged.text }],
      };
    }
  }
  return { outcome: "kept", writes: [{ ...file, path: `${path}.new`, executable: false }] };
}

/** New questions get their defaults; what else stands in the file stays (FW-291). */
function planAnswers(
  own: string | undefined,
  file: ScaffoldFile,
): Awaited<ReturnType<typeof planFile>> {
  if (own === undefined) return { outcome: "created", writes: [file] };
  const [old, now] = [parseMap(own), parseMap(file.content)];
  const answers = { ...mapOf(now["cookiecutter"]), ...mapOf(old["cookiecutter"]) };
  if (JSON.stringify(answers) === JSON.stringify(mapOf(old["cookiecutter"]))) return { writes: [] };
  const content = `${JSON.stringify({ ...old, cookiecutter: answers }, null, 2)}\n`;
  return { outcome: "merged", writes: [{ ...file, content }] };
}

/** Answers that the project was made with; without a record what its first config file says (FW-291, FW-292). */
async function earlierAnswers(
  project: Project,
): Promise<{ answers: Record<string, string>; notes: string[] }> {
  const recorded = mapOf(parseMap(readText(project, ".config.json") ?? "{}")["cookiecutter"]);
  const known = new Set(scaffoldQuestions.map(({ key }) => key));
  const given = Object.fromEntries(
    Object.entries(recorded).flatMap(([key, value]) =>
      known.has(key) && typeof value === "string" ? [[key, value]] : [],
    ),
  );
  const notes: string[] = [];
  const dir = given["project_dir"];
  if (dir !== undefined && basename(dir) !== basename(project.dir)) {
    notes.push(`the folder is ${basename(project.dir)}, and the project was made as ${dir}`);
  }
  const [first] = project.environments;
  const fromConfig: Record<string, string> = {};
  if (first !== undefined) {
    const { config, realm, prefix } = await loadEnvironment(project, first);
    const text = (name: string): string => (typeof config[name] === "string" ? config[name] : name);
    Object.assign(fromConfig, {
      environment: first,
      realm,
      owner: text("owner"),
      description: text("description"),
      project_name: basename(project.dir),
      job_prefix: prefix.job,
      payload_prefix: prefix.payload,
      s3trigger_prefix: prefix.s3trigger,
      rule_prefix: prefix.rule,
      docker_prefix: prefix.docker_repo,
    });
  }
  return { answers: { ...completeAnswers(project.dir, { ...fromConfig, ...given }) }, notes };
}

/** Mandatory keys that came with a version (FW-295). */
async function missingKeys(
  project: Project,
  add: boolean,
): Promise<{ notes: string[]; writes: { path: string; content: string; executable: boolean }[] }> {
  const notes: string[] = [];
  const writes: { path: string; content: string; executable: boolean }[] = [];
  for (const name of project.environments) {
    const { config, file } = await loadEnvironment(project, name);
    if (valueAt(config, ["docker", "platform"]) !== undefined) continue;
    const text = readText(project, file) ?? "";
    const match = /^docker:[^\S\n]*\n([^\S\n]+)/m.exec(text);
    if (!add || match === null) {
      notes.push(
        `${file}: docker.platform is new; add it, such as linux/amd64${match === null ? "" : " (--add-keys does)"}`,
      );
      continue;
    }
    const at = match.index + match[0].length;
    writes.push({
      path: file,
      content: `${text.slice(0, at)}platform: linux/amd64\n${match[1] ?? ""}${text.slice(at)}`,
      executable: false,
    });
    notes.push(`${file}: docker.platform: linux/amd64 was added`);
  }
  return { notes, writes };
}

/** Before 5.1.0 folders of folders were ignored (FW-296). */
function oldLayout(project: Project, from: string): string[] {
  const [major = 0, minor = 0] = from.split(".").map(Number);
  if (major > 5 || (major === 5 && minor >= 1)) return [];
  const notes = ["lava-jobs", "lava-triggers", "lava-connections"].flatMap((folder) => {
    const path = join(project.dir, folder);
    const inner = existsSync(path) ? readdirSync(path, { withFileTypes: true }) : [];
    return inner
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"))
      .map(
        ({ name }) =>
          `${folder}/${name}: specs in it count now; a name with a leading _ keeps them out`,
      );
  });
  if (existsSync(join(project.dir, "requirements.txt")))
    notes.push("requirements.txt: `lava init` installs it into venv now");
  return notes;
}

/** All files, or none: what was there comes back when one cannot be written (FW-290). */
async function writeAll(
  project: Project,
  writes: readonly {
    readonly path: string;
    readonly content: string;
    readonly executable: boolean;
  }[],
  backup: string,
): Promise<void> {
  const before = writes.map(({ path }) => ({ path, content: readText(project, path) }));
  try {
    for (const { path, content, executable } of writes) {
      const file = join(project.dir, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      if (executable) await chmod(file, 0o755);
    }
  } catch (cause) {
    for (const { path, content } of before) {
      const file = join(project.dir, path);
      if (content === undefined) await rm(file, { force: true }).catch(() => undefined);
      else if (readText(project, path) !== content)
        await writeFile(file, content).catch(() => undefined);
    }
    throw new LavaError("UPDATE_FAILED", `The project is as it was: ${errorText(cause)}`, {
      cause,
      hint: `What it was is in ${backup} too.`,
    });
  }
}

/** Text before the first blank of `etc/version`; `0.0.0` without one (FW-013, FW-296). */
function recordedVersion(project: Project): string {
  return readText(project, "etc/version")?.trim().split(" ")[0] || "0.0.0";
}

function recordedFiles(project: Project): Base {
  const files = mapOf(parseMap(readText(project, SCAFFOLD_RECORD) ?? "{}")["files"]);
  return new Map(
    Object.entries(files).flatMap(([path, entry]) => {
      const { sha256: hash, content } = mapOf(entry);
      if (typeof hash !== "string") return [];
      return [
        [
          path,
          { sha256: hash, content: typeof content === "string" ? content : undefined },
        ] as const,
      ];
    }),
  );
}

function readText(project: Project, path: string): string | undefined {
  const file = join(project.dir, path);
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true
    ? readFileSync(file, "utf8")
    : undefined;
}

function parseMap(text: string): DataMap {
  try {
    const data = parseJson(text);
    return isDataMap(data) ? data : {};
  } catch (error) {
    if (error instanceof LavaError) return {};
    throw error;
  }
}

function mapOf(value: unknown): DataMap {
  return isDataMap(value) ? value : {};
}

function isDataMap(value: unknown): value is DataMap {
  return isMap(value);
}
