import type { ActionHandler } from "./action.ts";
import { builtinActions } from "./actions/index.ts";
import type { JobHandler } from "./handler.ts";
import { builtinHandlers } from "./handlers/index.ts";

/** What a worker can run, by the names that specs use. */
export interface Registry {
  /** @returns undefined for a job type that this worker does not know */
  handler(type: string): JobHandler | undefined;
  action(type: string): ActionHandler | undefined;
}

/** What is built in, and what plug-ins add. */
export function createRegistry(
  handlers: readonly JobHandler[] = [],
  actions: readonly ActionHandler[] = [],
): Registry {
  // A record that pairs each type with its own handler is, for a type known only at run time, a map to handlers
  // of any type: the parameters are parsed by the schema of that same type before the handler sees them.
  const known = new Map<string, JobHandler>(Object.entries(builtinHandlers as object));
  const actors = new Map<string, ActionHandler>(Object.entries(builtinActions as object));
  for (const handler of handlers) known.set(handler.type, handler);
  for (const action of actions) actors.set(action.type, action);
  return {
    handler: (type) => known.get(type),
    action: (type) => actors.get(type),
  };
}
