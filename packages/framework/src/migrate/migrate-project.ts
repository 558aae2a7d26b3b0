import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LavaError } from "@lava/core";
import { discoverSources } from "../build/discover.ts";
import { loadEnvironment, valueAt } from "../environment.ts";
import type { Project } from "../project.ts";
import type { MigrationItem, MigrationStep } from "./migration.ts";
import { originalFiles } from "./original-files.ts";
import { yamlWords } from "./yaml-words.ts";

/** Folder of a project that keeps files as they were before a migration. */
const KEPT = ".lava-migrate";

/**
 * Looks for what needs attention in a project that the original made, and with `write` puts right what can be: each
 * file that is changed or removed is kept in `.lava-migrate/`. Specs and payloads need no change to build.
 */
export async function migrateProject(
  project: Project,
  options: { readonly write?: boolean | undefined } = {},
): Promise<MigrationItem[]> {
  const read = (file: string): string | undefined => {
    const path = join(project.dir, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const steps = [
    ...originalFiles(read),
    ...answers(project, read),
    ...(await configs(project, read)),
    ...specs(project, read),
    ...oldVersion(project, read("etc/version")),
    ...pipelines(project, read),
  ];
  return steps.map((step): MigrationItem => {
    const { code, file, line, message, content, kind } = step;
    if (content === undefined) return { state: kind ?? "attention", code, file, line, message };
    if (options.write === true) carryOut(project, file, content);
    return { state: options.write === true ? "fixed" : "fixable", code, file, line, message };
  });
}

type Read = (file: string) => string | undefined;

function carryOut({ dir }: Project, file: string, content: string | null): void {
  const path = join(dir, file);
  if (existsSync(path)) {
    const kept = join(dir, KEPT, file);
    mkdirSync(dirname(kept), { recursive: true });
    // The oldest is the original's.
    if (!existsSync(kept)) writeFileSync(kept, readFileSync(path));
  }
  if (content === null) rmSync(path);
  else writeFileSync(path, content);
}

/** The record of scaffolding says what the project is called, and so what it owns. */
function answers({ dir, configChecks }: Project, read: Read): MigrationStep[] {
  if (read(".config.json") !== undefined) return [];
  const name = basename(dir);
  const record = { cookiecutter: { project_name: name, config_checks: configChecks } };
  return [
    {
      code: "no_answers",
      file: ".config.json",
      message: `without it the project is called after its folder: ${name} is written down, so that what it deploys stays its own wherever it is checked out`,
      content: `${JSON.stringify(record, null, 2)}\n`,
    },
  ];
}

async function configs(project: Project, read: Read): Promise<MigrationStep[]> {
  const steps: MigrationStep[] = [];
  for (const env of project.environments) {
    const file = `config/${env}.yaml`;
    const text = read(file) ?? "";
    try {
      const { config } = await loadEnvironment(project, env);
      if (valueAt(config, ["docker", "platform"]) === undefined) {
        const added = text.replace(/^(\s+)(base_img:.*)$/m, "$1$2\n$1platform: linux/amd64");
        const message =
          "docker.platform is missing: linux/amd64, which is meant without it, is written down";
        steps.push({
          code: "docker_platform",
          file,
          message,
          ...(added === text ? {} : { content: added }),
        });
      } else steps.push(...yamlWords(file, text));
    } catch (error) {
      if (!(error instanceof LavaError) || error.code !== "INVALID_CONFIG") throw error;
      for (const { message, line } of error.issues)
        steps.push({ code: "config", file, line, message });
    }
  }
  return steps;
}

function specs(project: Project, read: Read): MigrationStep[] {
  const { specs: found, findings } = discoverSources(project);
  const steps: MigrationStep[] = findings.map(({ code, file = "", message }) => ({
    code,
    file,
    message,
  }));
  for (const { source, format } of found) {
    const text = format === "yaml" ? read(source) : undefined;
    if (text === undefined) continue;
    for (const [index, line] of text.split("\n").entries()) {
      if (!/^\s*#\s*<%[-+]?\s*(?:include|extends)\b/.test(line)) continue;
      steps.push({
        code: "commented_include",
        file: source,
        line: index + 1,
        message:
          "the original makes a comment of the first line of what is included here; now that line counts",
        kind: "note",
      });
    }
    steps.push(...yamlWords(source, text));
  }
  return steps;
}

/** Before 5.1.0 folders below a component folder were not looked at (FW-296). */
function oldVersion(project: Project, version: string | undefined): MigrationStep[] {
  const [, major = "0", minor = "0"] = /^(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  if (version === undefined || Number(major) > 5 || (major === "5" && Number(minor) >= 1))
    return [];
  return ["lava-connections", "lava-jobs", "lava-triggers"].flatMap((folder) => {
    const path = join(project.dir, folder);
    const entries = existsSync(path) ? readdirSync(path, { withFileTypes: true }) : [];
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"))
      .map(({ name }) => ({
        code: "now_a_component",
        file: `${folder}/${name}`,
        message: `version ${version.trim()} did not look into this folder, and its specs are deployed now: begin its name with _ if they should not be`,
      }));
  });
}

/** Pipelines go on calling make; an option of it has another name for those that call lava. */
function pipelines(project: Project, read: Read): MigrationStep[] {
  const workflows = join(project.dir, ".github/workflows");
  const files = [
    ".gitlab-ci.yml",
    "bitbucket-pipelines.yml",
    "buildspec.yml",
    "Jenkinsfile",
    ...(existsSync(workflows)
      ? readdirSync(workflows).map((name) => `.github/workflows/${name}`)
      : []),
  ];
  return files.flatMap((file) => {
    const lines = (read(file) ?? "").split("\n");
    return lines.flatMap((line, index): MigrationStep[] =>
      /\bxattr=no\b/.test(line)
        ? [
            {
              code: "xattr",
              file,
              line: index + 1,
              message:
                "xattr=no is --no-tracking of lava build and deploy. Without tracking fields lava cannot tell whose an item is: leave it out unless an old worker cannot read them",
              kind: "note",
            },
          ]
        : [],
    );
  });
}
