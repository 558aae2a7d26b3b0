import type { DataMap } from "@lava/core";
import type { ActionParameters, ActionType } from "@lava/spec";
import type { JobContext } from "./handler.ts";

/** When an action runs. */
export type ActionEvent = "on_success" | "on_fail" | "on_retry";

/** What templates of an action see as `result` (ACT-all-03). */
export type ActionResult = Readonly<Record<string, unknown>>;

/** All that an action may reach: the context of its run, and who it is. */
export interface ActionContext extends JobContext {
  readonly event: ActionEvent;
  /** Names this action of this run, stable over a takeover: the `key` of what it dispatches. */
  readonly actionKey: string;
}

/** One kind of action: its name in the spec and what it does. */
export interface ActionHandler<T extends ActionType = ActionType> {
  readonly type: T;
  /** Reads the fields of a plug-in's own action; built-in ones have schemas. Throws for bad ones. */
  readonly parseParameters?: ((action: DataMap) => ActionParameters<T>) | undefined;
  /**
   * Does it. A failure is thrown: it becomes the `action_failed` event of the run, and never fails the job. The
   * signal of the context aborts after ACTION_TIMEOUT.
   */
  run(action: ActionParameters<T>, context: ActionContext, result: ActionResult): Promise<void>;
}

/** An action whose parameters are typed by its `type`. */
export function defineAction<const T extends ActionType>(
  action: ActionHandler<T>,
): ActionHandler<T> {
  return action;
}
