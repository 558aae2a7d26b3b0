import { type DataMap, inParallel } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { ItemKind } from "../build/types.ts";
import type { ProjectSettings } from "../project-settings.ts";
import { connectionsOf } from "../rules/connection-references.ts";
import { fireTimes } from "./fire-times.ts";
import type { ItemChange, Plan } from "./types.ts";
import { goneJobs, whatBreaks } from "./what-breaks.ts";

const PARALLEL = 16;

/** What the project has and a realm is compared with. */
export interface ExtrasInput {
  readonly changes: readonly ItemChange[];
  /** Items of the project as they will be, changed or not. */
  readonly items: readonly {
    readonly kind: ItemKind;
    readonly id: string;
    readonly data: DataMap;
  }[];
  readonly settings: ProjectSettings;
}

/**
 * What a plan means beside its changes: next fire times, and what would break. The whole tables are read only when a
 * job or a connection goes; else only the connections that changed jobs name. Nothing is written.
 */
export async function planExtras(
  input: ExtrasInput,
  realm: Realm,
): Promise<Pick<Plan, "fireTimes" | "breaks">> {
  const { changes, settings } = input;
  const schedulers = input.items
    .filter(({ kind, data }) => kind === "job" && data["type"] === "lavasched")
    .map(({ data }) => data);
  const times = fireTimes(changes, { now: realm.clock.now(), settings, schedulers });
  const jobs = changes.filter(({ kind, action }) => kind === "job" && action !== "delete");
  const goes = changes.some(({ kind, action }) => kind === "connection" && action === "delete");
  if (jobs.length === 0 && !goes && goneJobs(changes).size === 0)
    return { fireTimes: times, breaks: [] };

  const items = new Map(input.items.map((item) => [`${item.kind} ${item.id}`, item]));
  if (goes || goneJobs(changes).size > 0) {
    for (const kind of ["job", "s3trigger"] as const) {
      const table = kind === "job" ? realm.jobs : realm.s3triggers;
      for (const data of await table.listItems()) {
        const id = String(data[table.key]);
        if (!items.has(`${kind} ${id}`)) items.set(`${kind} ${id}`, { kind, id, data });
      }
    }
  }
  for (const { kind, id, action } of changes)
    if (action === "delete") items.delete(`${kind} ${id}`);
  const after = [...items.values()];
  const breaks = whatBreaks({
    changes,
    items: after,
    connections: await connectionsAfter(after, changes, realm),
    workers: jobs.length === 0 ? [] : await realm.listWorkers(),
  });
  return { fireTimes: times, breaks };
}

/** Those connections that jobs name and that are there once the plan is done. */
async function connectionsAfter(
  items: readonly { readonly kind: ItemKind; readonly id: string; readonly data: DataMap }[],
  changes: readonly ItemChange[],
  realm: Realm,
): Promise<ReadonlySet<string>> {
  const there = new Set(items.flatMap(({ kind, id }) => (kind === "connection" ? [id] : [])));
  const gone = new Set(
    changes.flatMap(({ kind, id, action }) =>
      kind === "connection" && action === "delete" ? [id] : [],
    ),
  );
  const named = new Set(items.flatMap((item) => connectionsOf(item).map(({ conn_id }) => conn_id)));
  const asked = [...named].filter((id) => !there.has(id) && !gone.has(id) && !id.includes("{{"));
  await inParallel(asked, PARALLEL, async (id) => {
    if ((await realm.connections.getItem(id)) !== undefined) there.add(id);
  });
  return there;
}
