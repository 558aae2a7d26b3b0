import {
  type Clock,
  type Data,
  type DataMap,
  formatLocalTime,
  formatUtcTime,
  type Redactor,
} from "@lava/core";
import { childrenId } from "@lava/spec";
import { type Documents, searchAll } from "../documents.ts";
import { maskTexts } from "../events/trim-info.ts";
import type { EventOrigin, RunKey } from "../events/types.ts";
import { createExpression } from "../expression.ts";
import { dataMapOf, numberOf, textOf } from "../marshal.ts";
import { toStorable } from "../to-storable.ts";
import type { ChildRecord, ChildStatus, ChildStore } from "./types.ts";

/** What the records of children need. */
export interface ChildContext {
  readonly table: string;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** EVENT_TTL in seconds; 0 for none. */
  readonly ttl: number;
}

/** Children of runs of one realm. */
export function openChildStore(context: ChildContext): ChildStore {
  const { table, documents, clock, redactor, ttl } = context;

  async function write(
    run: RunKey,
    part: string,
    children: readonly ChildRecord[],
    origin: EventOrigin,
  ): Promise<void> {
    const now = clock.now();
    const expression = createExpression();
    const values: DataMap = {
      x_children: children.map((child) =>
        toStorable(maskTexts({ ...child }, (text) => redactor.mask(text))),
      ),
      worker: origin.worker,
      hostname: origin.hostname,
      ts_event: formatLocalTime(now),
      tu_event: formatUtcTime(now),
      ...(ttl > 0 ? { ttl: Math.floor(now / 1000 + ttl) } : {}),
    };
    const sets = Object.entries(values).map(
      ([name, value]) => `${expression.name(name)} = ${expression.value(value)}`,
    );
    await documents.update(
      table,
      { job_id: childrenId(run.job_id), run_id: `${run.run_id}/${part}` },
      { update: `SET ${sets.join(", ")}`, expression },
    );
  }

  async function history(run: RunKey): Promise<(ChildRecord & { readonly part: string })[]> {
    const expression = createExpression();
    const prefix = `${run.run_id}/`;
    const items = await searchAll(documents, table, {
      key:
        `${expression.name("job_id")} = ${expression.value(childrenId(run.job_id))} AND ` +
        `begins_with(${expression.name("run_id")}, ${expression.value(prefix)})`,
      expression,
    });
    return items.flatMap((item) => {
      const part = (textOf(item["run_id"]) ?? "").slice(prefix.length);
      const list = item["x_children"];
      return Array.isArray(list) ? list.map((child: Data) => ({ ...toChild(child), part })) : [];
    });
  }

  return {
    write,
    history,
    async list(run) {
      const latest = new Map<string, ChildRecord>();
      for (const { part: _, ...child } of await history(run)) latest.set(child.id, child);
      return [...latest.values()];
    },
  };
}

const STATUSES: readonly string[] = [
  "running",
  "complete",
  "failed",
  "skipped",
  "retrying",
  "rejected",
] satisfies readonly ChildStatus[];

function isStatus(value: string): value is ChildStatus {
  return STATUSES.includes(value);
}

function toChild(value: Data): ChildRecord {
  const map = dataMapOf(value);
  const status = textOf(map["status"]) ?? "";
  const text = <N extends string>(name: N): { [K in N]?: string } => {
    const found: { [K in N]?: string } = {};
    const one = textOf(map[name]);
    if (one !== undefined) found[name] = one;
    return found;
  };
  const number = <N extends string>(name: N): { [K in N]?: number } => {
    const found: { [K in N]?: number } = {};
    const one = numberOf(map[name]);
    if (one !== undefined) found[name] = one;
    return found;
  };
  return {
    id: textOf(map["id"]) ?? "",
    job_id: textOf(map["job_id"]) ?? "",
    pass: textOf(map["pass"]) ?? "",
    status: isStatus(status) ? status : "failed",
    ...number("index"),
    ...text("key"),
    ...text("started"),
    ...text("ended"),
    ...number("seconds"),
    ...text("log"),
    ...text("reason"),
    ...text("from"),
    ...text("due"),
    ...number("iteration"),
    ...number("deferrals"),
  };
}
