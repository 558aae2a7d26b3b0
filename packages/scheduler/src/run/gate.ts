/** Lets so many actions run at a time; the others wait their turn. */
export function createGate(limit: number): <T>(action: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let free = limit;
  return async (action) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await action();
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
