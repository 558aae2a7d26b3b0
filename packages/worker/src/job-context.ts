import { statSync } from "node:fs";
import { type Logger, parseDuration, parseSize } from "@lava/core";
import type { ObjectSource, RunKey } from "@lava/realm";
import { childKey } from "./children/child-key.ts";
import { jobEnvironment } from "./environment.ts";
import { outputName } from "./foreach/output-name.ts";
import type { ChildDispatch, Job, JobContext } from "./handler.ts";
import { makeTempDir } from "./job-tmpdir.ts";
import { childLavaGlobals } from "./lava-globals.ts";
import { watchOutput } from "./output-watch.ts";
import { runProcess } from "./process.ts";
import { repeatableRunId } from "./run-ids.ts";
import type { RunInput } from "./run-input.ts";
import type { RunServices } from "./run-services.ts";
import { toTemplateContext } from "./template-context.ts";
import { createFieldRenderer } from "./templates/field-renderer.ts";
import { untilItPasses } from "./transient.ts";

/** Milliseconds between two looks at the outputs of a running program. */
const LOOK_MS = 2000;

/** What a handler gets for one attempt of a job. */
export function createJobContext(
  job: Job,
  input: RunInput & { readonly tmpdir?: string; readonly iteration?: number },
  services: RunServices,
  logger: Logger,
): JobContext {
  const { realm, renderer } = services;
  const run: RunKey = { job_id: job.job_id, run_id: job.run_id };
  const base = toTemplateContext(job, realm);
  const tmpdir = input.tmpdir ?? "";
  const children = new Map<string, number>();
  const active = { count: 0 };
  // Iterations of a foreach must not overwrite each other's outputs (JOB-foreach-15).
  const outputKey = (name: string): string =>
    outputName(name, job.lava, input.ancestors.length > 0);
  const persist = <T>(what: string, action: () => Promise<T>): Promise<T> =>
    untilItPasses(action, { clock: services.clock, signal: input.signal, logger, what });
  const storeOutput = (name: string, source: ObjectSource): Promise<string> =>
    persist(`Could not store ${name}`, () => realm.temp.putOutput(run, outputKey(name), source));
  const context: JobContext = {
    realm,
    job,
    config: realm.config,
    logger,
    signal: input.signal,
    clock: services.clock,
    tmpdir,
    lineage: [...input.ancestors, job.job_id],
    iteration: input.iteration ?? input.firstIteration,
    fence: { holder: input.holder, epoch: input.epoch },
    containers: services.containers,
    killGraceMs: services.killGraceMs,
    devMode: services.devMode,
    sinks: services.sinks,
    env: services.env,
    templateContext: base,
    ...createFieldRenderer(renderer, base),
    environment: (options) => jobEnvironment(options, context, services, input),
    runProcess: (options) =>
      runProcess(options, {
        groups: services.groups,
        spawner: services.spawner,
        signal: input.signal,
        stderrSize: realm.config.STDERR_SIZE,
        killGraceMs: services.killGraceMs,
        settlingMs: Math.max(100, realm.config.PAYLOAD_SETTLING_TIME * 1000),
        sinks: services.devMode ? services.sinks : undefined,
      }),
    watchOutput: (files) =>
      services.devMode
        ? () => Promise.resolve(new Map())
        : watchOutput({
            files,
            maxBytes: parseSize(realm.config.OUTPUT_MAX_SIZE),
            putLive: (name, output) => realm.temp.live.put(run, outputKey(name), output),
            lookMs: LOOK_MS,
            liveMs: parseDuration(realm.config.LIVE_OUTPUT_INTERVAL) * 1000,
            logger,
          }),
    downloadPayload: ({ payload, maxSize }) =>
      persist("Could not fetch the payload", () =>
        realm.payloads.download(payload, tmpdir, {
          maxSize,
          exact: realm.config.PAYLOAD_EXACT,
          signal: input.signal,
        }),
      ),
    async uploadOutput(path, name) {
      // Synchronously: that is a tenth of what a turn of the thread pool takes.
      const size = statSync(path, { throwIfNoEntry: false })?.size;
      if (size === undefined) {
        // A program may clean up its directory to the last file: that is not a failure of it.
        logger.warn({ output: name }, `Output ${name} was removed while the job ran`);
      }
      return size ? storeOutput(name, { file: path }) : undefined;
    },
    async uploadText(text, name) {
      return text.length === 0 ? undefined : storeOutput(name, text);
    },
    makeTempDir: (prefix, suffix) => makeTempDir(tmpdir, prefix, suffix),
    runChild(child, options = {}) {
      const count = children.get(child.job_id) ?? 0;
      children.set(child.job_id, count + 1);
      const number = options.index ?? count;
      const name = `${child.job_id}.${number}`;
      const path = `${input.path}/${context.iteration}/${name}`;
      // Of a foreach that has other values in its next attempt, iterations with the same number are other work.
      const work = [`${input.work}/${name}`, childKey(options)].filter(Boolean).join(".");
      const origin = { context, input, services, path, work, number, active };
      return services.runChild(child, options, origin);
    },
    dispatch: (request) => dispatchChild(request, context, input.path),
  };
  return context;
}

/** Queues a run that has this job as its parent; all globals go along (JOB-dispatch-08). */
async function dispatchChild(
  request: ChildDispatch,
  { job, realm }: JobContext,
  path: string,
): Promise<{ readonly run_id: string }> {
  const { run_id } = await realm.dispatch({
    job_id: request.job_id,
    globals: { ...job.globals, ...request.globals, lava: { ...childLavaGlobals(job.lava, job) } },
    ...(request.parameters === undefined ? {} : { parameters: request.parameters }),
    ...(request.delay === undefined ? {} : { delay: request.delay }),
    ...(request.key === undefined
      ? {}
      : { run_id: repeatableRunId(job.run_id, path, job.job_id, request.key, request.job_id) }),
  });
  return { run_id };
}
