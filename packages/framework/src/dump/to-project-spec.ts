import { type Data, type DataMap, isMap } from "@lava/core";
import type { Environment } from "../environment.ts";

/**
 * An item of a table as a spec of a project: without tracking fields, and with the marks of the build in place of
 * the prefixes, the realm and the workers of an environment (CLI-103).
 */
export function toProjectSpec(item: DataMap, environment: Environment): DataMap {
  const fields = Object.entries(item).filter(([name]) => !name.startsWith("x-lava-"));
  return Object.fromEntries(
    fields.map(([name, value]) => [name, markup(value, name, marksFor(name, environment))]),
  );
}

type Mark = readonly [text: string, mark: string];

/** Prefixes may be equal: the field says which one is meant. */
function marksFor(field: string, { prefix, realm }: Environment): readonly Mark[] {
  const own: Mark =
    field === "payload"
      ? [prefix.payload, "prefix.payload"]
      : field === "trigger_id"
        ? [prefix.s3trigger, "prefix.s3trigger"]
        : [prefix.job, "prefix.job"];
  const others: Mark[] = [
    [prefix.job, "prefix.job"],
    [prefix.payload, "prefix.payload"],
    [prefix.s3trigger, "prefix.s3trigger"],
    [prefix.docker_repo, "prefix.docker_repo"],
    [prefix.rule, "prefix.rule"],
  ];
  return [own, ...others.toSorted(([a], [b]) => b.length - a.length), [realm, "realm"]];
}

function markup(value: Data, field: string, marks: readonly Mark[]): Data {
  if (Array.isArray(value)) return value.map((item: Data) => markup(item, field, marks));
  if (typeof value === "string") return marked(value, marks);
  if (!isMap(value) || !isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [marked(name, marks), markup(item, name, marks)]),
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function marked(text: string, marks: readonly Mark[]): string {
  let done = text;
  for (const [prefix, mark] of marks) {
    const escaped = prefix.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const pattern =
      mark === "realm"
        ? // Only in names of the realm's own resources: the word alone may mean anything.
          new RegExp(`(?<=\\blava[./-])${escaped}(?=$|[./-])`, "g")
        : new RegExp(`(?<![\\w./-])${escaped}(?=/|$)`, "g");
    done = done.replaceAll(pattern, `<{ ${mark} }>`);
  }
  return done;
}
