import type { DataMap } from "@lava/core";
import type { Locate } from "../build/build-spec.ts";
import type { Sources } from "../build/discover.ts";
import type { Finding, ItemKind, RealmInfo } from "../build/types.ts";
import type { Environment } from "../environment.ts";
import type { Project } from "../project.ts";

/** An item of one environment, for checks over the whole project. */
export interface CheckedItem {
  readonly kind: ItemKind;
  readonly id: string;
  readonly source: string;
  readonly data: DataMap;
  readonly locate: Locate;
}

/** All that a rule may look at. */
export interface RuleContext {
  readonly project: Project;
  readonly environment: Environment;
  readonly sources: Sources;
  /** Without those that are left out in this environment. */
  readonly items: readonly CheckedItem[];
  /** Names of payloads below `prefix.payload`: `x.zip`, `x.rsc/a.txt`. */
  readonly payloads: readonly string[];
  readonly realmInfo: RealmInfo | undefined;
  /** Whether every source gave its output; if not, that something is missing need not be a mistake. */
  readonly isComplete: boolean;
}

/** A check over a whole project in one environment. */
export interface ProjectRule {
  readonly name: string;
  /** Runs in checks only, not with each build. */
  readonly isThorough?: boolean;
  check(context: RuleContext): Finding[];
}

/** A finding at a place of an item. */
export function findingAt(
  item: CheckedItem,
  path: readonly (string | number)[],
  finding: Omit<Finding, "path" | "file" | "line" | "column">,
): Finding {
  const { file, line, column } = item.locate(path);
  return { ...finding, path, file, line, column };
}
