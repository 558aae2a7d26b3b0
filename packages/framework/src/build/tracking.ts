import { existsSync, readFileSync } from "node:fs";
import { platform, release } from "node:os";
import { join } from "node:path";
import { type DataMap, formatLocalTime } from "@lava/core";
import type { Project } from "../project.ts";
import { FRAMEWORK_VERSION } from "../version.ts";
import { type GitFolder, runGit } from "./git.ts";
import { itemChecksum } from "./python-json.ts";

/** The tracking fields that all items of one build share (1.8.1), without time and checksum. */
export type TrackingFields = Readonly<Record<string, string>>;

/** Gathers where a build comes from (FW-111, FW-119, FW-120). */
export async function trackingFields(project: Project): Promise<TrackingFields> {
  const git = await gitState(project);
  return {
    "x-lava-builder": `Lava Framework ${projectVersion(project.dir)}`,
    "x-lava-os": osType(),
    "x-lava-host": project.host.hostname,
    "x-lava-git-branch": git.branch,
    "x-lava-git-repo": git.repo,
    "x-lava-git-status": git.status,
    "x-lava-user": project.host.user,
    "x-lava-project": project.id,
  };
}

/** An item with its tracking fields, the checksum last (FW-111..113). */
export function withTracking(item: DataMap, fields: TrackingFields, now: number): DataMap {
  return {
    ...item,
    "x-lava-built": formatLocalTime(now),
    ...fields,
    "x-lava-chk": itemChecksum(item),
  };
}

/** `etc/version` of a project made by the original, or ours (FW-013). */
function projectVersion(dir: string): string {
  const file = join(dir, "etc/version");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : FRAMEWORK_VERSION;
}

/** Name and major version of the operating system: `debian12`, `darwin23` (CLI-231). */
export function osType(): string {
  if (platform() !== "linux") return `${platform()}${release().split(".")[0] ?? ""}`;
  try {
    const text = readFileSync("/etc/os-release", "utf8");
    const value = (key: string): string =>
      new RegExp(`^${key}=["']?([^"'\n]*)`, "m").exec(text)?.[1] ?? "";
    return `${value("ID")}${value("VERSION_ID").split(".")[0] ?? ""}` || "linux";
  } catch {
    return "linux";
  }
}

/** How a folder stands in git; `--` outside of it. */
export interface GitState {
  readonly branch: string;
  readonly repo: string;
  /** Commit, and what differs from it: `ab12cd3 (1 staged 2 untracked)`. */
  readonly status: string;
}

const NO_GIT: GitState = { branch: "--", repo: "--", status: "--" };

/** The state of the repository that a folder is in (FW-111, CLI-224). */
export async function gitState(project: GitFolder): Promise<GitState> {
  const git = (...args: string[]): Promise<string | undefined> => runGit(project, ...args);
  const [status, remote, commit] = await Promise.all([
    git("status", "--porcelain", "--branch", "--untracked-files=all", "--", ".", ":(exclude)dist"),
    git("config", "--get", "remote.origin.url"),
    git("rev-parse", "--short", "HEAD"),
  ]);
  if (status === undefined) return NO_GIT;
  const [first = "", ...lines] = status.split("\n").filter((line) => line !== "");
  const count = (test: (line: string) => boolean): number => lines.filter(test).length;
  const parts = [
    [count((line) => !/^[ ?!]/.test(line)), "staged"],
    [count((line) => /^[^?!][^ ]/.test(line)), "unstaged"],
    [count((line) => line.startsWith("??")), "untracked"],
  ].flatMap(([number, name]) => (number === 0 ? [] : [`${number} ${name}`]));
  return {
    branch: first.replace(/^## /, ""),
    repo: withoutCredentials(remote?.trim()) || "--",
    status: commit === undefined ? "--" : `${commit.trim()} (${parts.join(" ") || "clean"})`,
  };
}

/** `https://user:token@host/x` -> `https://host/x`; the user of ssh is no secret. */
function withoutCredentials(url: string | undefined): string {
  return (url ?? "").replace(/^(https?:\/\/)[^/@]*@/, "$1");
}
