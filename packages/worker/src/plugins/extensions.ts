import type { SpecExtensions } from "@lava/spec";
import type { Plugins } from "../plugins.ts";

/** The schemas of plug-ins, for checks of projects (`lava check`, `build`). */
export function specExtensions(plugins: Plugins): SpecExtensions {
  const byType = <T extends { readonly type: string }, S>(
    list: readonly T[],
    schema: (one: T) => S,
  ): Record<string, S> => Object.fromEntries(list.map((one) => [one.type, schema(one)]));
  return {
    jobs: byType(plugins.jobTypes, ({ parameters, payload }) => ({
      parameters,
      ...(payload === undefined ? {} : { payload }),
    })),
    actions: byType(plugins.actions, ({ parameters }) => parameters),
    generators: byType(plugins.generators, ({ parameters }) => parameters),
    connections: byType(plugins.connectors, ({ fields }) => fields),
  };
}
