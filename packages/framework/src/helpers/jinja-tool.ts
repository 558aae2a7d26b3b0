import { readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, sep } from "node:path";
import { isMap } from "@lava/core";
import { createRenderer } from "@lava/render";
import { definedOnly, timesAndUser } from "../build/template-context.ts";
import type { ProjectHost } from "../project.ts";
import { awsOfEnvironment, createAwsAccess } from "./aws-access.ts";
import { awsHelper } from "./aws-helper.ts";
import { dagHelper } from "./dag-helper.ts";
import { createSqlAccess, type SqlLookup } from "./sql-access.ts";

/** What {@link createJinjaTool} renders with; the options of the original's `jinja` (CLI-209..211). */
export interface JinjaToolOptions {
  readonly host: Pick<ProjectHost, "clock" | "environ" | "user">;
  /** Names of files and command line, laid over each other. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Whether `jinja` and `lava` are there; they are added to maps of these names. */
  readonly builtins: boolean;
  /** Whether `environ` is there. */
  readonly environ: boolean;
  /** Names of the templates, as given. */
  readonly templates: readonly string[];
  /** Absolute folder of what templates include; nothing outside of it can be reached. */
  readonly contextDir: string;
  /** Absolute folder that file names of `lava.dag` start from. */
  readonly cwd: string;
  /** Characters in place of the outer braces. */
  readonly outer: readonly [open: string, close: string];
  readonly autoescape: boolean;
  /** Where `lava.dag` finds database connections; without it there are none. */
  readonly sql?: SqlLookup | undefined;
  /** Realm of connections unless a template says otherwise. */
  readonly realm: string;
}

/** Renders templates by themselves, as the original's `jinja` does. */
export interface JinjaTool {
  /** @throws {LavaError} TEMPLATE_ERROR */
  render(text: string): Promise<string>;
}

/** A tool for one command line. */
export function createJinjaTool(options: JinjaToolOptions): JinjaTool {
  const { host, params, contextDir, cwd } = options;
  const aws = createAwsAccess(awsOfEnvironment(host.environ));
  const dag = dagHelper((name) => {
    const path = isAbsolute(name) ? name : join(cwd, name);
    const content = readIfThere(path);
    return content === undefined ? undefined : { path, content };
  }, createSqlAccess(options.sql, options.realm).rows);
  const jinja = { ...timesAndUser(host), templates: options.templates };
  const names = {
    ...params,
    ...(options.builtins
      ? {
          jinja: { ...mapOf(params["jinja"]), ...jinja },
          lava: { ...mapOf(params["lava"]), dag, aws: awsHelper(aws) },
        }
      : {}),
    ...(options.environ ? { environ: definedOnly(host.environ) } : {}),
  };
  const renderer = createRenderer({
    delimiters: options.outer,
    autoescape: options.autoescape,
    loader(name) {
      const path = insideOf(contextDir, name);
      const content = path === undefined ? undefined : readIfThere(path);
      return content === undefined ? undefined : { source: content.toString("utf8"), name };
    },
  });
  return { render: (text) => aws.run(() => renderer.render(text, names)) };
}

function mapOf(value: unknown): object {
  return isMap(value) ? value : {};
}

/** The path of a file below a folder; undefined for a name that leads out of it, by a link too. */
function insideOf(folder: string, name: string): string | undefined {
  if (isAbsolute(name) || name.includes("\\") || name.split("/").includes("..")) return undefined;
  try {
    const real = realpathSync(join(folder, name));
    return real.startsWith(`${realpathSync(folder)}${sep}`) ? real : undefined;
  } catch {
    return undefined;
  }
}

function readIfThere(path: string): Buffer | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  return readFileSync(path);
}
