/** Thrown through a template that asks for what is not known yet; templates cannot wait. */
export class NotLookedUp extends Error {
  /** Makes it known, or known that it cannot be. */
  readonly lookUp: () => Promise<void>;

  constructor(lookUp: () => Promise<void>) {
    super("not looked up yet");
    this.lookUp = lookUp;
  }
}

/** Does work that may ask for what is not known yet: it is looked up, then the work is done anew. */
export async function runWithLookUps<T>(work: () => T | Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NotLookedUp)) throw error;
      await error.lookUp();
    }
  }
}
