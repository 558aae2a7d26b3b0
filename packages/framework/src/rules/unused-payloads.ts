import { pythonJson } from "../build/python-json.ts";
import type { ProjectRule } from "./rule.ts";

/**
 * Payloads that no item of the project names (FW-166): files of their own, as jobs fetch resources by whole folders.
 * A project without jobs may be there for its payloads alone.
 */
export const unusedPayloads: ProjectRule = {
  name: "unused-payloads",
  check({ items, payloads, environment, isComplete }) {
    if (!isComplete || items.every(({ kind }) => kind !== "job")) return [];
    const prefix = `${environment.prefix.payload}/`;
    const text = items.map(({ data }) => pythonJson(data)).join("\n");
    // A folder, or the beginning of names, stands for all payloads that begin so; one that is made up for any.
    const named = [...text.matchAll(/[^"'\s,]+/g)]
      .map(([word]) => word)
      .filter((word) => word.includes(prefix))
      .map((word) => word.slice(word.indexOf(prefix) + prefix.length).replace(/\{\{.*$/s, ""));
    const isUsed = (name: string): boolean => named.some((start) => name.startsWith(start));
    return payloads
      .filter((name) => !name.includes("/") && !isUsed(name))
      .map((name) => ({
        severity: "warning" as const,
        path: [],
        code: "unused_payload",
        message: `lava-payloads has ${name}, and no job of environment ${environment.name} names ${prefix}${name}`,
      }));
  },
};
