import type { Clock } from "@lava/core";

/** Values that are remembered for a while by one warm instance of a function. */
export interface TtlCache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /** The remembered value, or the one of `load`, which is asked once for all who want it meanwhile. Faults are not kept. */
  load(key: string, load: () => Promise<V>): Promise<V>;
}

/** Options of {@link createTtlCache}. */
export interface TtlCacheOptions {
  readonly clock: Clock;
  /** Seconds; 0 remembers nothing. */
  readonly ttl: number;
  /** The entry that was set first goes when there are more. */
  readonly size: number;
}

/** A cache with an age and a number of entries (LAM-213, TRIG-10). */
export function createTtlCache<V>({ clock, ttl, size }: TtlCacheOptions): TtlCache<V> {
  const entries = new Map<string, { readonly value: V; readonly until: number }>();
  const loading = new Map<string, Promise<V>>();

  function get(key: string): V | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.until > clock.now()) return entry.value;
    entries.delete(key);
    return undefined;
  }

  function set(key: string, value: V): void {
    if (ttl <= 0 || size <= 0) return;
    entries.delete(key);
    entries.set(key, { value, until: clock.now() + ttl * 1000 });
    for (const oldest of entries.keys()) {
      if (entries.size <= size) return;
      entries.delete(oldest);
    }
  }

  return {
    get,
    set,
    async load(key, load) {
      const known = get(key);
      if (known !== undefined) return known;
      const under = loading.get(key) ?? load();
      loading.set(key, under);
      try {
        const value = await under;
        set(key, value);
        return value;
      } finally {
        loading.delete(key);
      }
    },
  };
}
