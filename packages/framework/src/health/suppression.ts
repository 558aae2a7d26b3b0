import type { DataMap } from "@lava/core";

/** `x-lava-nocheck`: one name, or a list of them (CLI-048). */
export function isSuppressed(name: string, item: DataMap): boolean {
  const value = item["x-lava-nocheck"];
  return Array.isArray(value) ? value.includes(name) : value === name;
}
