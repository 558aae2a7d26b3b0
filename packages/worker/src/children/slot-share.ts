/**
 * The one slot of a run and all its children: given to others while each of them that is under way waits, and taken
 * back before any goes on.
 */
export interface SlotShare {
  /** One more is at work; resolves once the slot is there. */
  enter(): Promise<void>;
  leave(): void;
  /** Waits without being at work. What is thrown comes once the slot is back. */
  wait<T>(work: () => Promise<T>): Promise<T>;
}

/** So long, in ms, must all of them wait before the slot is given away: it is not worth it for less. */
const SETTLE_MS = 5;

/** The share of a run that has its slot now. `pause` gives the slot away while its argument runs. */
export function createSlotShare(pause: (work: () => Promise<void>) => Promise<void>): SlotShare {
  let working = 1;
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  let away: { readonly back: () => void; readonly done: Promise<void> } | undefined;

  const giveAway = (): void => {
    timer = undefined;
    if (working > 0 || waiting === 0 || away !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    away = { back: resolve, done: pause(() => promise) };
  };
  const enter = async (): Promise<void> => {
    working += 1;
    const gone = away;
    if (gone === undefined) return;
    gone.back();
    await gone.done;
    if (away === gone) away = undefined;
  };
  const leave = (): void => {
    working -= 1;
    if (working > 0 || waiting === 0) return;
    timer ??= setTimeout(giveAway, SETTLE_MS);
  };

  return {
    enter,
    leave,
    async wait(work) {
      waiting += 1;
      leave();
      try {
        return await work();
      } finally {
        waiting -= 1;
        await enter();
      }
    },
  };
}
