import { type Data, type DataMap, suggest } from "@lava/core";
import { findingAt, type ProjectRule } from "./rule.ts";

/** Job types whose payload is a file, or a list of files, of the payload area. */
const FILE_TYPES = new Set(["exe", "pkg", "sql", "sqlc", "sqlv"]);

/** Payloads under this project's prefix that the build does not make (FW-166); a prefix of some will do. */
export const payloadFiles: ProjectRule = {
  name: "payload-files",
  check({ items, payloads, environment, isComplete }) {
    if (!isComplete) return [];
    const prefix = `${environment.prefix.payload}/`;
    return items.flatMap((item) => {
      if (item.kind !== "job") return [];
      return payloadsOf(item.data).flatMap(({ payload, path }) => {
        if (!payload.startsWith(prefix) || payload.includes("{{")) return [];
        const name = payload.slice(prefix.length);
        if (payloads.some((file) => file.startsWith(name))) return [];
        const suggestion = suggest(name, payloads);
        return [
          findingAt(item, path, {
            severity: "error",
            code: "missing_payload",
            message: `job ${item.id} runs ${payload}, and lava-payloads has nothing that is built as ${name}`,
            ...(suggestion === undefined ? {} : { suggestion: prefix + suggestion }),
          }),
        ];
      });
    });
  },
};

/** Names in the payload area that a job runs, and where they are written; none of jobs that run no files. */
export function payloadsOf({
  type,
  payload: value,
}: DataMap): { payload: string; path: readonly (string | number)[] }[] {
  if (!FILE_TYPES.has(String(type))) return [];
  // Arguments may follow the name of an exe.
  const first = (text: string): string => text.trim().split(/\s+/)[0] ?? "";
  if (typeof value === "string") return [{ payload: first(value), path: ["payload"] }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((text: Data, index: number) =>
    typeof text === "string" ? [{ payload: first(text), path: ["payload", index] }] : [],
  );
}
