/** One of the worker's places for a running job; `thread` is its name in logs (WK-017). */
export interface Slot {
  readonly thread: string;
  /** Gives the place to others while `wait` goes on, then takes a free one again. */
  pause<T>(wait: () => Promise<T>): Promise<T>;
  /**
   * Gives the place to others for good, before the work is over: what is left to do needs none. When as much work as
   * there are places is at such an end already, for instance because a store is slow, the place is kept.
   */
  release(): void;
}

/** The places of a worker. */
export interface Slots {
  readonly size: number;
  readonly free: number;
  /** Resolves when a place is free, without taking it; at once when one is. */
  whenFree(signal: AbortSignal): Promise<void>;
  /** Takes a place, runs `work`, gives the place back. Those that come back from a pause go first. */
  run<T>(work: (slot: Slot) => Promise<T>): Promise<T>;
  /** Resolves when nothing runs or pauses any more. */
  idle(): Promise<void>;
}

/** `size` places named `worker-00`, `worker-01`... */
export function createSlots(size: number): Slots {
  const names = Array.from({ length: size }, (_, n) => `worker-${String(n).padStart(2, "0")}`);
  const waiting: ((name: string) => void)[] = [];
  const watchers = new Set<() => void>();
  const idlers = new Set<() => void>();
  let working = 0;
  /** Work that has given its place back and is not over. */
  let ending = 0;

  const take = (isBack: boolean): Promise<string> => {
    const name = names.shift();
    if (name !== undefined) return Promise.resolve(name);
    return new Promise((resolve) => {
      if (isBack) waiting.unshift(resolve);
      else waiting.push(resolve);
    });
  };
  const give = (name: string): void => {
    const next = waiting.shift();
    if (next !== undefined) {
      next(name);
      return;
    }
    names.push(name);
    names.sort();
    for (const watcher of watchers) watcher();
    watchers.clear();
  };
  return {
    size,
    get free() {
      return names.length;
    },
    async whenFree(signal) {
      while (names.length === 0) {
        signal.throwIfAborted();
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        const onAbort = (): void => {
          reject(signal.reason);
        };
        watchers.add(resolve);
        signal.addEventListener("abort", onAbort, { once: true });
        try {
          await promise;
        } finally {
          watchers.delete(resolve);
          signal.removeEventListener("abort", onAbort);
        }
      }
    },
    async run(work) {
      working += 1;
      let thread = await take(false);
      let held = true;
      const release = (): void => {
        if (!held || ending >= size) return;
        held = false;
        ending += 1;
        give(thread);
      };
      try {
        return await work({
          get thread() {
            return thread;
          },
          async pause(wait) {
            give(thread);
            try {
              return await wait();
            } finally {
              thread = await take(true);
            }
          },
          release,
        });
      } finally {
        if (held) give(thread);
        else ending -= 1;
        held = false;
        working -= 1;
        if (working === 0) {
          for (const idler of idlers) idler();
          idlers.clear();
        }
      }
    },
    async idle() {
      if (working === 0) return;
      await new Promise<void>((resolve) => {
        idlers.add(resolve);
      });
    },
  };
}
