import { type Data, splitShellWords } from "@lava/core";
import { isDataMap } from "../build/python-json.ts";
import type { CheckedItem } from "./rule.ts";

/** An item as far as references in it go. */
export type ReferringItem = Pick<CheckedItem, "kind" | "data">;

/** A job that another one runs or starts, and where it is named. */
export interface JobReference {
  readonly job_id: string;
  readonly path: readonly (string | number)[];
}

/** Nodes of a dag, each with the jobs it waits for; ids with the prefix of the dag (JOB-dag-01). */
export interface DagNode {
  readonly node: string;
  readonly path: readonly (string | number)[];
  readonly needs: readonly JobReference[];
}

/** The graph in the payload of a dag job; undefined when it is not written there. */
export function dagNodes(item: ReferringItem): DagNode[] | undefined {
  const payload = item.data["payload"];
  if (item.data["type"] !== "dag" || payload === undefined || !isDataMap(payload)) return undefined;
  const prefix = jobPrefix(item);
  return Object.entries(payload).map(([key, needs]) => ({
    node: prefix + key,
    path: ["payload", key],
    needs: withPrefix(prefix, textsOf(needs, ["payload", key])),
  }));
}

/** Jobs that a job of another kind names: chain, foreach, dispatch, s3trigger, dispatch actions (FW-217). */
export function jobReferencesOf(item: ReferringItem): JobReference[] {
  const { data } = item;
  if (item.kind === "s3trigger") return textsOf(data["job_id"], ["job_id"]);
  if (item.kind !== "job") return [];
  const payload = data["payload"];
  const own: JobReference[] = [];
  if (data["type"] === "chain") {
    own.push(
      ...(typeof payload === "string"
        ? words(payload, ["payload"])
        : textsOf(payload, ["payload"])),
    );
  }
  if (data["type"] === "foreach" || data["type"] === "dispatch")
    own.push(...textsOf(payload, ["payload"]));
  const actions = (["on_success", "on_fail", "on_retry"] as const).flatMap((event) => {
    const list = data[event];
    if (!Array.isArray(list)) return [];
    return list.flatMap((action: Data, index: number) =>
      isDataMap(action) && action["action"] === "dispatch"
        ? textsOf(action["job_id"], [event, index, "job_id"])
        : [],
    );
  });
  return [...withPrefix(jobPrefix(item), own), ...actions].filter(
    ({ job_id }) => !job_id.includes("{{") && !job_id.includes("{%"),
  );
}

/** `parameters.job_prefix`, which stands before each id (JOB-chain-01, JOB-dispatch-03). */
function jobPrefix(item: ReferringItem): string {
  const parameters = item.data["parameters"];
  const prefix =
    parameters !== undefined && isDataMap(parameters) ? parameters["job_prefix"] : undefined;
  return typeof prefix === "string" ? prefix : "";
}

function withPrefix(prefix: string, references: readonly JobReference[]): JobReference[] {
  return references.map(({ job_id, path }) => ({ job_id: prefix + job_id, path }));
}

function textsOf(value: Data | undefined, path: readonly (string | number)[]): JobReference[] {
  if (typeof value === "string") return [{ job_id: value, path }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((job_id: Data, index: number) =>
    typeof job_id === "string" ? [{ job_id, path: [...path, index] }] : [],
  );
}

/** The payload of a chain may be one text with several ids in it. */
function words(text: string, path: readonly (string | number)[]): JobReference[] {
  try {
    return splitShellWords(text.replaceAll(",", " ")).map((job_id) => ({ job_id, path }));
  } catch {
    return [];
  }
}
