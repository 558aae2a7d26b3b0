import type { Resources } from "./resources.ts";

const BATCH = 500;

/** Removes the items whose time to live is over, some at a time so that requests are not held up. */
export function expireItems({ context, items, tables }: Resources): void {
  const seconds = Math.floor(context.clock.now() / 1000);
  for (const table of tables.list()) {
    if (table.ttlAttribute === undefined) continue;
    const keys = items.listExpired(table, seconds, BATCH);
    if (keys.length === 0) continue;
    context.store.write(() => {
      for (const key of keys) {
        const stored = items.get(table, key);
        if (stored !== undefined) items.remove(table, key, stored.item);
      }
    });
    context.logger.debug({ table: table.name, count: keys.length }, "items expired");
  }
}
