import type { ActionHandler } from "../action.ts";

/** The actions that this worker knows, by name. */
export const builtinActions: Readonly<Record<string, ActionHandler<never>>> = {};
