import { suggest } from "@lava/core";
import { isDataMap } from "../build/python-json.ts";
import { findingAt, type ProjectRule } from "./rule.ts";

/**
 * Jobs of workers that do not exist: an error where the realm's workers are known, a warning where only the
 * `worker` map of the config says which there are.
 */
export const workerNames: ProjectRule = {
  name: "worker-names",
  check({ items, environment, realmInfo }) {
    const configured = environment.config["worker"];
    const fromConfig =
      configured !== undefined && isDataMap(configured)
        ? Object.values(configured).filter((name) => typeof name === "string")
        : undefined;
    const known = realmInfo?.workers ?? fromConfig;
    if (known === undefined) return [];
    const isCertain = realmInfo?.workers !== undefined;
    const where = isCertain ? `realm ${environment.realm}` : environment.file;
    return items.flatMap((item) => {
      const worker = item.data["worker"];
      if (item.kind !== "job" || typeof worker !== "string" || known.includes(worker)) return [];
      const suggestion = suggest(worker, known);
      return [
        findingAt(item, ["worker"], {
          severity: isCertain ? "error" : "warning",
          code: "unknown_worker",
          message: `${where} has no worker ${worker}; it has ${known.join(", ") || "none"}`,
          ...(suggestion === undefined ? {} : { suggestion }),
        }),
      ];
    });
  },
};
