import type { ActionType } from "@lava/spec";
import type { ActionHandler } from "../action.ts";
import { dispatch } from "./dispatch.ts";
import { log } from "./log.ts";
import { state } from "./state.ts";

/** The actions that this worker knows, by name; each file of this folder is one of them. */
export const builtinActions = { dispatch, log, state } as const satisfies {
  readonly [T in ActionType]?: ActionHandler<T>;
};
