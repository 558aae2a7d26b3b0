import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Data, type DataMap, type Issue, LavaError, suggest } from "@lava/core";
import { sha256 } from "./build/fingerprints.ts";
import { isDataMap } from "./build/python-json.ts";
import { type Project, unknownEnvironment } from "./project.ts";
import { type ReadYaml, readYaml } from "./yaml/read.ts";

/** One environment of a project: `config/<env>.yaml`, read and checked. */
export interface Environment {
  readonly name: string;
  /** `config/<env>.yaml`. */
  readonly file: string;
  readonly realm: string;
  readonly prefix: {
    readonly job: string;
    readonly payload: string;
    readonly s3trigger: string;
    readonly docker_repo: string;
    readonly rule: string;
  };
  /** The whole file: what templates see at top level. */
  readonly config: DataMap;
  /** Dates and times of the config, which templates see as such. */
  readonly times: ReadYaml["times"];
  /** SHA-256 of the file. */
  readonly hash: string;
}

/** Keys that every config file has, with a text each (FW-045). */
const MANDATORY: readonly (readonly string[])[] = [
  ["realm"],
  ["prefix", "job"],
  ["prefix", "payload"],
  ["prefix", "s3trigger"],
  ["prefix", "docker_repo"],
  ["prefix", "rule"],
  ["docker", "base_img"],
];

/** Names that templates get from elsewhere (FW-048, FW-049). */
const RESERVED = ["lava", "jinja", "environ", "env"];

const PLATFORM = /^(?:host|linux\/[a-z\d]+(?:\/v\d)?(?:\s*,\s*linux\/[a-z\d]+(?:\/v\d)?)*)$/;

/**
 * Reads and checks `config/<env>.yaml` (FW-045..052).
 *
 * @throws {LavaError} UNKNOWN_ENVIRONMENT, INVALID_CONFIG (with all issues)
 */
export async function loadEnvironment(project: Project, env: string): Promise<Environment> {
  const file = `config/${env}.yaml`;
  let text: string;
  try {
    if (!/^[^/\\]+$/.test(env)) throw new Error("not a file name");
    text = readFileSync(join(project.dir, file), "utf8");
  } catch {
    throw unknownEnvironment(project, env);
  }
  const read = readYaml(text, { times: "keep" });
  const issues: Issue[] = read.errors.map((issue) => ({ ...issue, file }));
  const config: DataMap = read.data !== undefined && isDataMap(read.data) ? read.data : {};
  if (issues.length === 0) {
    const problems =
      read.data !== undefined && isDataMap(read.data)
        ? configProblems(config)
        : [{ path: [], code: "invalid_type", message: "a config file is a map of keys" }];
    issues.push(...problems.map((issue) => ({ ...issue, file, ...read.locate(issue.path) })));
  }
  if (issues.length > 0) {
    throw new LavaError(
      "INVALID_CONFIG",
      `${file} cannot be used: ${issues.length} ${issues.length === 1 ? "fault" : "faults"}`,
      {
        issues,
      },
    );
  }
  const at = (...path: string[]): string => String(valueAt(config, path) ?? "");
  return {
    name: env,
    file,
    realm: at("realm"),
    prefix: {
      job: at("prefix", "job"),
      payload: at("prefix", "payload"),
      s3trigger: at("prefix", "s3trigger"),
      docker_repo: at("prefix", "docker_repo"),
      rule: at("prefix", "rule"),
    },
    config,
    times: read.times,
    hash: sha256(text),
  };
}

/** The value at a path of keys; undefined when there is none. */
export function valueAt(data: Data | undefined, path: readonly string[]): Data | undefined {
  let value = data;
  for (const key of path) {
    if (value === undefined || !isDataMap(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function configProblems(config: DataMap): Issue[] {
  const issues: Issue[] = [];
  for (const key of RESERVED) {
    if (Object.hasOwn(config, key)) {
      issues.push({
        path: [key],
        code: "reserved_key",
        message: `${key} is a name of lava's own: choose another one`,
      });
    }
  }
  for (const path of MANDATORY) {
    const problem = textProblem(config, path);
    if (problem !== undefined) issues.push(problem);
  }
  const realm = config["realm"];
  if (typeof realm === "string" && realm !== "" && !/^[\w-]+$/.test(realm)) {
    issues.push({
      path: ["realm"],
      code: "bad_name",
      message: `a realm's name has letters, digits, - and _ only, not "${realm}"`,
    });
  }
  const platform = valueAt(config, ["docker", "platform"]);
  if (platform !== undefined && !(typeof platform === "string" && PLATFORM.test(platform))) {
    issues.push({
      path: ["docker", "platform"],
      code: "bad_platform",
      message: "expected host, or linux/amd64, linux/arm64 or another linux/...",
    });
  }
  return issues;
}

function textProblem(config: DataMap, path: readonly string[]): Issue | undefined {
  const value = valueAt(config, path);
  const name = path.join(".");
  if (value === undefined || value === null) {
    const parent = valueAt(config, path.slice(0, -1));
    const others = parent !== undefined && isDataMap(parent) ? Object.keys(parent) : [];
    const known = new Set(MANDATORY.map((other) => other[path.length - 1]));
    const near = suggest(
      path.at(-1) ?? "",
      others.filter((key) => !known.has(key)),
    );
    return {
      path,
      code: "missing_key",
      message: `${name} is missing${near === undefined ? "" : `; is ${near} meant to be it?`}`,
    };
  }
  if (typeof value !== "string")
    return { path, code: "invalid_type", message: `${name} must be a text` };
  if (value.trim() === "")
    return { path, code: "empty_value", message: `${name} must not be empty` };
  if (path[0] !== "prefix") return undefined;
  if (/^\/|\/$/.test(value)) {
    return { path, code: "bad_prefix", message: `${name} must not begin or end with a slash` };
  }
  if (path[1] === "rule" && value.includes("/")) {
    return {
      path,
      code: "bad_prefix",
      message: `${name} is separated by dots: names of rules have no slash`,
    };
  }
  return undefined;
}
