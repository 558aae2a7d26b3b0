import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isMap } from "@lava/core";
import { FRAMEWORK_VERSION } from "../version.ts";
import { sha256 } from "./fingerprints.ts";
import type { PayloadImage } from "./payload/payload-builder.ts";
import type { Finding, ItemKind } from "./types.ts";

/** A file below `dist/<env>` as the build left it. */
export interface OutputFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
  readonly md5: string;
}

/** One source and what was built from it. */
export interface BuildEntry {
  readonly source: string;
  readonly group: "item" | "payload" | "misc";
  /** Kind of item or of payload. */
  readonly kind: string;
  /** Of an item: its kind again, typed. */
  readonly item?: ItemKind | undefined;
  readonly id?: string | undefined;
  readonly output: string;
  /** An image that was made, in the store of this machine's docker engine. */
  readonly image?: PayloadImage | undefined;
  /** An item that is left out in this environment. */
  readonly isNull?: boolean | undefined;
  /** Fingerprint of each input when it was built. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly files: readonly OutputFile[];
  readonly warnings: readonly Finding[];
}

/** Changes whenever the form of this file or of what is built changes. */
export const STATE_FORMAT = 2;

/** What `dist/<env>/manifest.json` keeps: each output with source, kind, id, hash and inputs (FW-229, FW-234). */
export interface BuildState {
  readonly format: typeof STATE_FORMAT;
  /** What every output depends on: version and options. */
  readonly key: string;
  /** The tracking fields, fingerprinted. */
  readonly stamp: string;
  /** Inputs of the checks over the whole project, fingerprinted, and what they warned of. */
  readonly rulesKey: string;
  readonly ruleWarnings: readonly Finding[];
  readonly entries: readonly BuildEntry[];
}

/** Name of the state below `dist/<env>`. */
export const STATE_FILE = "manifest.json";

/** The key of builds with these options. */
export function stateKey(options: Readonly<Record<string, unknown>>): string {
  return `${FRAMEWORK_VERSION} ${JSON.stringify(options)}`;
}

/** The state of the last good build; undefined when there is none that can be used. */
export function loadBuildState(dist: string): BuildState | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(join(dist, STATE_FILE), "utf8"));
    return isBuildState(state) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Project-relative names of the files that the last good build below `dist` read. */
export function readBuildInputs(dist: string): ReadonlySet<string> {
  const entries = loadBuildState(dist)?.entries ?? [];
  return new Set(entries.flatMap(({ inputs }) => Object.keys(inputs)));
}

/** The format says that the framework wrote it, so that its fields are as typed. */
function isBuildState(value: unknown): value is BuildState {
  return isMap(value) && value["format"] === STATE_FORMAT && Array.isArray(value["entries"]);
}

/** Whether an output is as the build left it: by size and time, or failing that by content. */
export function isIntact(dist: string, file: OutputFile): boolean {
  const path = join(dist, file.path);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || stats.size !== file.size) return false;
  return stats.mtimeMs === file.mtimeMs || sha256(readFileSync(path)) === file.sha256;
}
