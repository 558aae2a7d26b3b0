import { missingMetadata } from "../health/metadata.ts";
import { findingAt, type ProjectRule } from "./rule.ts";

/** Items without a description or an owner (conmeta, jobmeta and trigmeta of the original). */
export const metadata: ProjectRule = {
  name: "metadata",
  isThorough: true,
  check: ({ items }) =>
    items.flatMap((item) =>
      item.kind === "rule"
        ? []
        : missingMetadata(item.data).map((name) =>
            findingAt(item, [], {
              severity: "warning",
              code: "missing_metadata",
              message: `${item.kind} ${item.id} has no ${name}`,
            }),
          ),
    ),
};
