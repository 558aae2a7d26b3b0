import type { PluginConnector } from "@lava/connectors";
import type { DataMap } from "@lava/core";
import type * as z from "zod";
import type { ActionContext, ActionResult } from "../action.ts";
import type { Job, JobContext, JobResult } from "../handler.ts";

/** A job as a plug-in's job type gets it: its parameters were read by the type's own schema. */
export interface PluginJob<P> extends Omit<Job, "parameters"> {
  readonly parameters: P;
}

/** A job type of a plug-in. */
export interface PluginJobType<T extends string = string, P extends z.ZodType = z.ZodType> {
  readonly type: T;
  /** What such jobs do, in a sentence. */
  readonly summary?: string;
  /** Schema of `parameters`; checked when a project is built and when a job runs. */
  readonly parameters: P;
  /** Schema of `payload`; anything goes without it. */
  readonly payload?: z.ZodType;
  run(job: PluginJob<z.output<P>>, context: JobContext): Promise<JobResult>;
}

/** An action of a plug-in. */
export interface PluginAction<T extends string = string, P extends z.ZodType = z.ZodType> {
  readonly type: T;
  readonly summary?: string;
  /** Schema of its fields beside `action`. */
  readonly parameters: P;
  run(action: z.output<P>, context: ActionContext, result: ActionResult): Promise<void>;
}

/** A source of values for foreach jobs. */
export interface PluginGenerator<T extends string = string, P extends z.ZodType = z.ZodType> {
  readonly type: T;
  readonly summary?: string;
  /** Schema of the fields of `parameters.foreach` beside `type`. */
  readonly parameters: P;
  /** Gives the globals of each iteration; it is not asked for more than the job's limit allows. */
  values(source: z.output<P>, context: JobContext): AsyncIterable<DataMap>;
}

/** What a plug-in's package exports, each list where it has any; or one export `plugin` with all of it. */
export interface Plugin {
  readonly jobTypes?: readonly PluginJobType[];
  readonly actions?: readonly PluginAction[];
  readonly generators?: readonly PluginGenerator[];
  readonly connectors?: readonly PluginConnector[];
}

/** Defines a job type, its job typed by its schema. */
export function defineJobType<const T extends string, P extends z.ZodType>(
  definition: PluginJobType<T, P>,
): PluginJobType<T, P> {
  return definition;
}

/** Defines an action, its fields typed by its schema. */
export function definePluginAction<const T extends string, P extends z.ZodType>(
  definition: PluginAction<T, P>,
): PluginAction<T, P> {
  return definition;
}

/** Defines a source of values for foreach jobs, its fields typed by its schema. */
export function defineGenerator<const T extends string, P extends z.ZodType>(
  definition: PluginGenerator<T, P>,
): PluginGenerator<T, P> {
  return definition;
}
