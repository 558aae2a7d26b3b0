import type { DataMap } from "@lava/core";
import { valueAt } from "../../environment.ts";

/** Keys of `pkg` in a config file: how packages are made in an environment (FW-181..183). */
type PackageKey = "installer" | "keep" | "keep_metadata" | "platform" | "python";

/** A text of `pkg`; undefined when it is not there. */
export function configText(config: DataMap, key: PackageKey): string | undefined {
  const value = valueAt(config, ["pkg", key]);
  return value === undefined || value === null || value === "" ? undefined : String(value);
}

/** A list of texts of `pkg`. */
export function configList(config: DataMap, key: PackageKey): string[] {
  const value = valueAt(config, ["pkg", key]);
  return Array.isArray(value) ? value.map(String) : [];
}
