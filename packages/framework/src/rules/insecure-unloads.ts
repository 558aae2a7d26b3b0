import { isInsecureUnload } from "../health/jobs.ts";
import { findingAt, type ProjectRule } from "./rule.ts";

/** Unloads from Redshift without encryption (jobrsu of the original). */
export const insecureUnloads: ProjectRule = {
  name: "insecure-unloads",
  isThorough: true,
  check: ({ items }) =>
    items
      .filter(({ kind, data }) => kind === "job" && isInsecureUnload(data))
      .map((item) =>
        findingAt(item, ["parameters", "insecure"], {
          severity: "warning",
          code: "insecure_unload",
          message: `job ${item.id} writes what it unloads without encryption`,
        }),
      ),
};
