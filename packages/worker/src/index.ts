/**
 * The job runner: queue consumer, run life cycle, job handlers, actions, processes.
 *
 * @example
 *   const worker = await startWorker({ realm, worker: "core", env: process.env });
 *   worker.events.on("finished", ({ job_id, status }) => console.log(job_id, status));
 *   process.once("SIGINT", () => void worker.stop());
 *   await worker.done;
 */
export {
  type ActionContext,
  type ActionEvent,
  type ActionHandler,
  type ActionResult,
  defineAction,
} from "./action.ts";
export { builtinActions } from "./actions/index.ts";
export { nothingYet } from "./deferral.ts";
export {
  type ChildDispatch,
  type ChildOptions,
  defineHandler,
  type EnvironmentOptions,
  type ExtraNames,
  type Job,
  type JobContext,
  type JobHandler,
  type JobResult,
  type LavaGlobals,
  type OutputSinks,
  type PayloadDownload,
  type PayloadFile,
} from "./handler.ts";
export { builtinHandlers } from "./handlers/index.ts";
export { type InterruptionKind, RunInterrupted } from "./interruption.ts";
export { type LogLevel, type LogSource, levelNames } from "./logging/log-record.ts";
export { createWorkerLogger, type WorkerLoggerOptions } from "./logging/logging.ts";
export { fileSink, type LogSink, stderrSink, syslogSink } from "./logging/log-sinks.ts";
export { loadPlugins, type Plugins } from "./plugins.ts";
export type { ProcessOptions, ProcessResult } from "./process.ts";
export { executeLastWill, type ExecuteLastWillOptions } from "./watchdog/execute-last-will.ts";
export type { LastWill, WillProgram } from "./watchdog/watchdog.ts";
export { startWorker, type StopMode, type Worker, type WorkerOptions } from "./worker.ts";
export type { RunReference, WorkerEventMap, WorkerEvents, WorkerState } from "./worker-events.ts";
