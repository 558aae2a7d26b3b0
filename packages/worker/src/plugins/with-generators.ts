import { type Data, type DataMap, isMap } from "@lava/core";
import { parseJobParameters } from "@lava/spec";
import type { JobContext, JobHandler } from "../handler.ts";
import type { PluginGenerator } from "./plugin.ts";
import { readParameters } from "./read-parameters.ts";

/**
 * The foreach handler with more sources: the values of a plug-in's are read first, no more than the limit allows and one,
 * and go on as if they had been written in the job.
 */
export function withGenerators(
  foreach: JobHandler<"foreach">,
  generators: readonly PluginGenerator[],
): JobHandler<"foreach"> {
  const known = new Map(generators.map((generator) => [generator.type, generator]));
  const sourceOf = (
    parameters: DataMap,
  ): { generator: PluginGenerator; source: DataMap } | undefined => {
    const source = parameters["foreach"];
    if (!isMap(source) || typeof source["type"] !== "string") return undefined;
    const generator = known.get(source["type"]);
    return generator === undefined ? undefined : { generator, source: { ...source } };
  };
  return {
    type: "foreach",
    parseParameters(raw) {
      const own = sourceOf(raw);
      if (own === undefined) return parseJobParameters("foreach", raw);
      fieldsOf(own.generator, own.source);
      return parseJobParameters("foreach", { ...raw, foreach: { type: "inline", values: [] } });
    },
    async run(job, context) {
      const own = sourceOf(job.rawParameters);
      if (own === undefined) return foreach.run(job, context);
      const { jinja, limit = context.config.FOREACH_LIMIT } = job.parameters;
      const at = { path: ["parameters", "foreach"] };
      const source = jinja ? context.renderDeep(own.source, {}, at) : own.source;
      const values = await take(own.generator, fieldsOf(own.generator, source), limit, context);
      return foreach.run(
        { ...job, parameters: { ...job.parameters, foreach: { type: "inline", values } } },
        context,
      );
    },
  };
}

function fieldsOf(generator: PluginGenerator, source: Data): unknown {
  const { type: _type, ...fields } = isMap(source) ? source : {};
  return readParameters(generator.parameters, fields, {
    code: "BAD_JOB_PARAMETERS",
    what: "Bad job parameters: foreach",
  });
}

/** One more than the limit tells that there are too many; a limit over the realm's is refused before any is read. */
async function take(
  generator: PluginGenerator,
  fields: unknown,
  limit: number,
  context: JobContext,
): Promise<DataMap[]> {
  const values: DataMap[] = [];
  if (limit > context.config.FOREACH_MAX_LIMIT) return values;
  for await (const value of generator.values(fields, context)) {
    values.push(value);
    if (values.length > limit) break;
  }
  return values;
}
