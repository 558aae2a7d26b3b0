import { LavaError } from "@lava/core";
import type { ActionHandler } from "./action.ts";
import { builtinActions } from "./actions/index.ts";
import type { JobHandler } from "./handler.ts";
import { builtinHandlers } from "./handlers/index.ts";
import { noPlugins, type Plugins } from "./plugins.ts";
import { readParameters } from "./plugins/read-parameters.ts";
import { withGenerators } from "./plugins/with-generators.ts";

/** What a worker can run, by the names that specs use. */
export interface Registry {
  /** @returns undefined for a job type that this worker does not know */
  handler(type: string): JobHandler | undefined;
  action(type: string): ActionHandler | undefined;
}

/** What is built in, and what plug-ins add. */
export function createRegistry(plugins: Plugins = noPlugins): Registry {
  // A record that pairs each type with its own handler is, for a type known only at run time, a map to handlers
  // of any type: the parameters are parsed by the schema of that same type before the handler sees them.
  const known = new Map<string, JobHandler>(Object.entries(builtinHandlers as object));
  const actors = new Map<string, ActionHandler>(Object.entries(builtinActions as object));
  for (const jobType of plugins.jobTypes) addJobType(known, jobType);
  for (const action of plugins.actions) addAction(actors, action);
  if (plugins.generators.length > 0) {
    const foreach = withGenerators(builtinHandlers.foreach, plugins.generators);
    addAll(known, { foreach });
  }
  return {
    handler: (type) => known.get(type),
    action: (type) => actors.get(type),
  };
}

/** What a plug-in runs with is what its own schema gave: no type of lava's takes part. */
function addJobType(known: Map<string, JobHandler>, jobType: Plugins["jobTypes"][number]): void {
  const { type, parameters, payload, run } = jobType;
  const entry: object = {
    ...jobType,
    type,
    heedsNever: true,
    parseParameters: (raw: unknown): unknown =>
      readParameters(parameters, raw, {
        code: "BAD_JOB_PARAMETERS",
        what: "Bad job parameters",
      }),
    run: async (...[job, context]: Parameters<typeof run>) => {
      if (payload !== undefined) {
        readParameters(payload, job.payload, { code: "BAD_PAYLOAD", what: "Bad payload" });
      }
      const result: unknown = await run.call(jobType, job, context);
      if (typeof result === "object" && result !== null && "exit_status" in result) return result;
      throw new LavaError(
        "BAD_PLUGIN",
        `Job type ${type} gave no result: an object with exit_status is needed`,
        { retry: "never" },
      );
    },
  };
  addAll(known, { [type]: entry });
}

function addAction(actors: Map<string, ActionHandler>, action: Plugins["actions"][number]): void {
  const entry: object = {
    type: action.type,
    parseParameters: ({ action: _action, ...fields }: Readonly<Record<string, unknown>>): unknown =>
      readParameters(action.parameters, fields, { code: "BAD_ACTION_PARAMETERS", what: "" }),
    run: action.run.bind(action),
  };
  addAll(actors, { [action.type]: entry });
}

/** See {@link createRegistry}: what each entry gets is what it parsed itself. */
function addAll<T>(map: Map<string, T>, entries: object): void {
  for (const [name, value] of new Map<string, T>(Object.entries(entries))) map.set(name, value);
}
