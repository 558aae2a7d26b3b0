import { type Data, isTruthy } from "@lava/core";
import { type CheckedItem, findingAt, type ProjectRule } from "./rule.ts";

/** Enabled triggers of which one object starts the same job twice: one prefix leads into the other. */
export const triggerOverlaps: ProjectRule = {
  name: "trigger-overlaps",
  check({ items }) {
    const triggers = items.filter(
      ({ kind, data }) => kind === "s3trigger" && isTruthy(data["enabled"]),
    );
    const first = new Map<string, CheckedItem[]>();
    return triggers.flatMap((item) => {
      const bucket = String(item.data["bucket"]);
      const others = first.get(bucket) ?? [];
      first.set(bucket, [...others, item]);
      return others.flatMap((other) => {
        const jobs = jobsOf(item).filter((job) => jobsOf(other).includes(job));
        if (jobs.length === 0 || !meet(item, other) || isTold(item, other)) return [];
        return [
          findingAt(item, ["prefix"], {
            severity: "warning",
            code: "overlapping_triggers",
            message: `an object that fits s3trigger ${other.id} too starts job ${jobs.join(", ")} twice`,
          }),
        ];
      });
    });
  },
};

/** Whether one prefix is the other, or whole leading parts of it; `*` is every key. */
function meet(one: CheckedItem, other: CheckedItem): boolean {
  const [a, b] = [String(one.data["prefix"]), String(other.data["prefix"])];
  return a === "*" || b === "*" || a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

/** Conditions that differ tell the two apart, as far as one can see. */
function isTold(one: CheckedItem, other: CheckedItem): boolean {
  const conditions = ({ data }: CheckedItem): string =>
    JSON.stringify(
      Object.entries(data)
        .filter(([name]) => name.startsWith("if_"))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => [name, String(value)]),
    );
  return conditions(one) !== conditions(other);
}

function jobsOf({ data }: CheckedItem): Data[] {
  const job = data["job_id"];
  return Array.isArray(job) ? [...job] : job === undefined ? [] : [job];
}
