import type { ExtraAttributes } from "@lava/realm";

/**
 * Why a run stopped without an end of its own:
 * `released` it is given back and goes on later, `lost` another worker has it or may take it, `killed` the worker
 * is ending at once, `cancelled` it is over because somebody or a deadline wants it so.
 */
export type InterruptionKind = "released" | "lost" | "killed" | "cancelled";

/** How a run that is stopped for good ends. */
export interface Ending {
  readonly status: "failed" | "rejected";
  /** `x_state`. */
  readonly state: "cancelled" | "late";
}

/** How the item of a run that was given back says what it waits for. */
export interface GivenBack {
  /** `x_state`: `released`, or `up_for_retry` when the run waits for a time of its own. */
  readonly state: "released" | "up_for_retry";
  /** More attributes of the item. */
  readonly extra: ExtraAttributes;
}

/** The reason with which the signal of a run aborts; handlers let it pass. */
export class RunInterrupted extends Error {
  override readonly name = "RunInterrupted";
  readonly kind: InterruptionKind;
  /** A word for `x_reason`: `worker_stopping`, `temp_full`. */
  readonly reason: string;
  /** Seconds before the run is to go on. */
  readonly delay: number;
  readonly givenBack: GivenBack;
  /** For `cancelled`. */
  readonly ending: Ending;

  constructor(
    kind: InterruptionKind,
    reason: string,
    message: string,
    options: { delay?: number; cause?: unknown; ending?: Ending } & Partial<GivenBack> = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.reason = reason;
    this.delay = options.delay ?? 0;
    this.ending = options.ending ?? { status: "failed", state: "cancelled" };
    this.givenBack = { state: options.state ?? "released", extra: options.extra ?? {} };
  }
}

/** Throws on what is no failure of a child but stops the run itself. @throws the signal's reason, {RunInterrupted} */
export function passInterruption(error: unknown, { signal }: { signal: AbortSignal }): void {
  signal.throwIfAborted();
  if (error instanceof RunInterrupted) throw error;
}

const FULL = new Set(["ENOSPC", "EDQUOT"]);

/** Whether a failure comes from a disk that is full, at any depth of its causes. */
export function isDiskFull(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string" && FULL.has(at.code)) return true;
  }
  return false;
}
