import type { ConnectionSpec, JobSpec, RuleSpec, S3TriggerSpec } from "@lava/spec";

/** What a spec file is given when its default export is a function. */
export interface SpecContext {
  /** Name of the environment. */
  readonly env: string;
  /** All of `config/<env>.yaml`: values are as YAML has them. */
  readonly config: Readonly<Record<string, unknown>> & {
    readonly realm: string;
    readonly prefix: {
      readonly job: string;
      readonly payload: string;
      readonly s3trigger: string;
      readonly docker_repo: string;
      readonly rule: string;
    };
    readonly docker: { readonly base_img: string; readonly platform?: string };
  };
  /** The realm's record, `lava.realm` of templates; undefined while it was never read. */
  readonly realm: Readonly<Record<string, unknown>> | undefined;
}

/** One spec, several, or none; what is null or false is left out in this environment (FW-121). */
export type Specs<T> = T | readonly (T | null | undefined | false)[] | null | undefined | false;

/** What a spec file exports by default: specs, or a function that gives them for an environment. */
export type SpecExport<T> = Specs<T> | ((context: SpecContext) => Specs<T> | Promise<Specs<T>>);

/**
 * A job, or several, in `lava-jobs/**\/*.ts`: the argument, with its types checked.
 *
 * @example export default defineJob(({ config, env }) => ({ job_id: `${config.prefix.job}/hello`, ... }));
 */
export function defineJob(jobs: SpecExport<JobSpec>): SpecExport<JobSpec> {
  return jobs;
}

/** A connection, or several, in `lava-connections/**\/*.ts`. */
export function defineConnection(
  connections: SpecExport<ConnectionSpec>,
): SpecExport<ConnectionSpec> {
  return connections;
}

/** An s3trigger, or several, in `lava-triggers/**\/*.ts`. */
export function defineTrigger(triggers: SpecExport<S3TriggerSpec>): SpecExport<S3TriggerSpec> {
  return triggers;
}

/** A rule, or several, in `lava-rules/**\/*.ts`. */
export function defineRule(rules: SpecExport<RuleSpec>): SpecExport<RuleSpec> {
  return rules;
}
