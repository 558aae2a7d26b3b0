import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Clock } from "@lava/core";
import { buildProject } from "../src/build/build.ts";
import type { BuildOptions, BuildResult } from "../src/build/types.ts";
import { openProject, type Project, type ProjectHost } from "../src/project.ts";

/** A clock that stands still. */
export const fixedClock: Clock = {
  now: () => Date.UTC(2026, 10, 23, 7, 28, 21, 86),
  sleep: async () => {},
};

/** The config file of a test project. */
export function testConfig(realm = "test"): string {
  return `realm: ${realm}
description: a project of the tests
owner: tester
prefix:
  job: app/test
  payload: app/test
  s3trigger: app/test
  docker_repo: lava/test
  rule: lava.${realm}.test
docker:
  base_img: img
  platform: linux/amd64
worker:
  main: core
`;
}

/** A project in a temporary folder, with environments dev and uat unless `files` has others. */
export function testProject(files: Readonly<Record<string, string>>) {
  const dir = mkdtempSync(join(tmpdir(), "lava-project-"));
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  };
  write("config/dev.yaml", testConfig());
  write("config/uat.yaml", testConfig());
  write(".config.json", '{"cookiecutter": {"project_name": "test-project"}}');
  mkdirSync(join(dir, "lava-jobs"), { recursive: true });
  for (const [path, content] of Object.entries(files)) write(path, content);
  const read = (path: string): string => readFileSync(join(dir, path), "utf8");
  const open = async (
    environ: Record<string, string> = {},
    host: Partial<ProjectHost> = {},
  ): Promise<Project> =>
    openProject(dir, {
      clock: fixedClock,
      user: "tester",
      hostname: "test-host",
      environ,
      ...host,
    });
  return {
    dir,
    write,
    read,
    open,
    json: (path: string): unknown => JSON.parse(read(path)),
    remove(path: string): void {
      rmSync(join(dir, path), { recursive: true });
    },
    link(target: string, path: string): void {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      symlinkSync(target, join(dir, path));
    },
    /** Every file below a folder with its time and size. */
    snapshot(folder: string): Record<string, string> {
      const found: Record<string, string> = {};
      for (const name of readdirSync(join(dir, folder), { recursive: true, encoding: "utf8" })) {
        const stats = statSync(join(dir, folder, name));
        if (stats.isFile()) found[name] = `${stats.mtimeMs} ${stats.size}`;
      }
      return found;
    },
    async build(
      env: string,
      options: Omit<BuildOptions, "env"> = {},
      environ: Record<string, string> = {},
    ): Promise<BuildResult> {
      return buildProject(await open(environ), { env, ...options });
    },
    [Symbol.dispose](): void {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
