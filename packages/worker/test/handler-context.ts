import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Data, type DataMap, type Logger, systemClock } from "@lava/core";
import type { Realm } from "@lava/realm";
import {
  type JobType,
  parseJobParameters,
  parseRealmRecord,
  parseStoredJob,
  resolveConfig,
} from "@lava/spec";
import { createContainerGuard } from "../src/container-guard.ts";
import type { ChildDispatch, ChildOptions, Job, JobContext, JobHandler } from "../src/handler.ts";
import { makeTempDir } from "../src/job-tmpdir.ts";
import { toTemplateContext } from "../src/template-context.ts";

/** What a handler is run with. */
export interface HandlerRun {
  readonly job_id?: string;
  readonly payload: Data;
  readonly parameters?: DataMap;
  /** Job records by id; the defaults are those of a `cmd` job of the same worker. */
  readonly jobs?: Readonly<Record<string, DataMap>>;
  readonly connections?: Readonly<Record<string, DataMap>>;
  /** What a child does; it succeeds unless this throws. */
  readonly child?: (job_id: string, options: ChildOptions) => Promise<void> | void;
  /** What a dispatch does; it gives `run-<n>`. */
  readonly dispatch?: (request: ChildDispatch) => void;
  readonly config?: DataMap;
  readonly signal?: AbortSignal;
  readonly foreach_index?: number;
  readonly lineage?: readonly string[];
  readonly globals?: DataMap;
  /** A whole realm, for handlers that use more of it than its tables. */
  readonly realm?: Realm;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What a handler did. */
export interface HandlerTrace {
  readonly children: { readonly job_id: string; readonly options: ChildOptions }[];
  readonly dispatched: ChildDispatch[];
  readonly logs: { readonly level: string; readonly message: string }[];
  /** Outputs by name. */
  readonly outputs: Map<string, string>;
  /** Arguments of each state item that was put. */
  readonly states: (readonly unknown[])[];
  readonly tmpdir: string;
}

/** Runs one attempt of a job by its handler alone: children, dispatches and outputs are only recorded. */
export async function runHandler<T extends JobType>(
  handler: JobHandler<T>,
  run: HandlerRun,
): Promise<{ result: unknown; error: unknown; trace: HandlerTrace }> {
  const directory = await mkdtemp(join(tmpdir(), "lava-handler-"));
  const trace = emptyTrace(directory);
  try {
    const job = toJob(handler.type, run);
    const result = await handler.run(job, toContext(job, run, trace));
    return { result, error: undefined, trace };
  } catch (error) {
    return { result: undefined, error, trace };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function bytes(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** A context whose effects are only recorded; it has no directory. */
export function testContext(
  type: JobType,
  run: HandlerRun,
): { context: JobContext; trace: HandlerTrace } {
  const trace = emptyTrace("/nonexistent");
  return { context: toContext(toJob(type, run), run, trace), trace };
}

function emptyTrace(directory: string): HandlerTrace {
  return {
    children: [],
    dispatched: [],
    logs: [],
    outputs: new Map(),
    states: [],
    tmpdir: directory,
  };
}

function toJob<T extends JobType>(type: T, run: HandlerRun): Job<T> {
  const job_id = run.job_id ?? "test/job";
  const rawParameters = run.parameters ?? {};
  const start = "2026-11-23T18:47:15+11:00";
  return {
    job_id,
    run_id: "11111111-1111-4111-8111-111111111111",
    type,
    realm: "test",
    worker: "core",
    owner: "",
    payload: run.payload,
    parameters: parseJobParameters(type, rawParameters),
    globals: run.globals ?? {},
    lava: {
      master_job_id: job_id,
      parent_job_id: job_id,
      master_start: start,
      master_ustart: start,
      parent_start: start,
      parent_ustart: start,
      ...(run.foreach_index === undefined ? {} : { foreach_index: run.foreach_index }),
    },
    state: {},
    ts_dispatch: 0,
    ts_start: 0,
    record: record(job_id, { type, payload: run.payload }),
    rawParameters,
  };
}

function record(job_id: string, fields: DataMap) {
  const item = { job_id, type: "cmd", worker: "core", payload: "true", enabled: true, ...fields };
  return parseStoredJob(item);
}

/** Templates of these tests: `{{ name }}` of the extra names, dotted. */
function renderNames(text: string, names: unknown): string {
  return text.replace(/\{\{ *([\w.]+) *\}\}/g, (_, path: string) => {
    let value: unknown = names;
    for (const name of path.split(".")) {
      if (typeof value !== "object" || value === null || !(name in value)) {
        throw new Error(`'${path}' is undefined`);
      }
      value = Reflect.get(value, name);
    }
    return String(value);
  });
}

function toContext(job: Job, run: HandlerRun, trace: HandlerTrace): JobContext {
  const note =
    (level: string): Logger["info"] =>
    (_fields, message) =>
      void trace.logs.push({ level, message });
  const logger: Logger = {
    debug: note("debug"),
    info: note("info"),
    warn: note("warn"),
    error: note("error"),
    child: () => logger,
  };
  const config = resolveConfig({ env: {}, realmConfig: { TMPDIR: trace.tmpdir, ...run.config } });
  const realm = {
    name: "test",
    config,
    logger,
    jobs: {
      get: async (id: string) => {
        const fields = run.jobs?.[id];
        return fields === undefined ? undefined : record(id, fields);
      },
    },
    connections: {
      get: async (id: string) => {
        const fields = run.connections?.[id];
        return (
          fields && {
            conn_id: id,
            type: fields["type"],
            enabled: true,
            raw: { conn_id: id, ...fields },
          }
        );
      },
    },
    state: {
      put: async (...put: readonly unknown[]) => void trace.states.push(put),
    },
    temp: {
      async putOutput(
        _run: unknown,
        name: string,
        source: { readonly file: string } | { readonly stream: AsyncIterable<Uint8Array> },
      ) {
        const content = "file" in source ? await readFile(source.file) : await bytes(source.stream);
        trace.outputs.set(name, content.toString());
        return `s3://bucket/tmp/${job.job_id}/${job.run_id}/${name}`;
      },
    },
  };
  const unused = (): never => {
    throw new Error("not part of this test");
  };
  const render = (text: string, extra: object = {}): string =>
    renderNames(text, { job, globals: { ...job.globals, lava: job.lava }, ...extra });
  return {
    // Only what these handlers use of a realm; the rest is tested against a whole one.
    realm: run.realm ?? (realm as unknown as Realm),
    job,
    config: run.realm?.config ?? config,
    logger,
    signal: run.signal ?? new AbortController().signal,
    clock: systemClock,
    tmpdir: trace.tmpdir,
    lineage: run.lineage ?? [job.job_id],
    iteration: 1,
    fence: { holder: "core/test", epoch: 1 },
    containers: createContainerGuard(),
    killGraceMs: 0,
    devMode: false,
    sinks: { stdout: process.stdout, stderr: process.stderr },
    env: run.env ?? {},
    templateContext: toTemplateContext(job, {
      record: parseRealmRecord({ realm: "test", s3_payloads: "s3://b/p", s3_temp: "s3://b/t" }),
    }),
    render,
    renderDeep: unused,
    renderJson: (value, extra) => JSON.parse(render(JSON.stringify(value), extra)) as Data,
    environment: unused,
    runProcess: unused,
    watchOutput: unused,
    downloadPayload: unused,
    uploadOutput: unused,
    uploadText: unused,
    makeTempDir: (prefix, suffix) => makeTempDir(trace.tmpdir, prefix, suffix),
    async runChild(child, options = {}) {
      trace.children.push({ job_id: child.job_id, options });
      await run.child?.(child.job_id, options);
      return { exit_status: 0 };
    },
    async dispatch(request) {
      trace.dispatched.push(request);
      run.dispatch?.(request);
      return { run_id: `run-${trace.dispatched.length}` };
    },
  };
}
