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
  type PayloadDownload,
  type PayloadFile,
} from "./handler.ts";
export { builtinHandlers } from "./handlers/index.ts";
export { type InterruptionKind, RunInterrupted } from "./interruption.ts";
export { type LogLevel, type LogSource, levelNames } from "./logging/log-record.ts";
export { createWorkerLogger, type WorkerLoggerOptions } from "./logging/logging.ts";
export { fileSink, type LogSink, stderrSink, syslogSink } from "./logging/log-sinks.ts";
export { cloudWatchMetrics } from "./metrics/cloudwatch.ts";
export { createPrometheusMetrics, type PrometheusMetrics } from "./metrics/prometheus.ts";
export { openTelemetryTraces } from "./metrics/tracing.ts";
export type { ObservedWorker, WorkerObserver } from "./observer.ts";
export { joinPlugins, loadPlugins, type LoadPluginsOptions, type Plugins } from "./plugins.ts";
export { specExtensions } from "./plugins/extensions.ts";
export {
  defineGenerator,
  defineJobType,
  definePluginAction,
  type Plugin,
  type PluginAction,
  type PluginGenerator,
  type PluginJob,
  type PluginJobType,
} from "./plugins/plugin.ts";
export type { OutputSinks } from "./output-sinks.ts";
export { pluginNames, resolvePlugin } from "./plugins/resolve-plugin.ts";
export type { ProcessOptions, ProcessResult } from "./process.ts";
export { executeLastWill, type ExecuteLastWillOptions } from "./watchdog/execute-last-will.ts";
export type { LastWill, WillProgram } from "./watchdog/watchdog.ts";
export { startWorker, type StopMode, type Worker } from "./worker.ts";
export type { WorkerOptions } from "./worker-options.ts";
export type { PayloadText } from "./templates/render-files.ts";
export type { RenderedField } from "./templates/render-field.ts";
export {
  PREVIEW_RUN_ID,
  type RenderedJob,
  type RenderJobOptions,
  renderJobTemplates,
} from "./templates/render-job.ts";
export { parseAnyTime } from "./times.ts";
export {
  type ActiveRun,
  createRunTracker,
  type RunTracker,
  type WorkerSnapshot,
} from "./run-tracker.ts";
export type { RunReference, WorkerEventMap, WorkerEvents, WorkerState } from "./worker-events.ts";
export { exportList, type ListExport } from "./sharepoint/export-list.ts";
export { importList, type ListImport } from "./sharepoint/import-list.ts";
export { type ListCsvOptions, listCsvFormat } from "./sharepoint/list-csv-format.ts";
export { type CsvFormat, csvQuotings } from "./sql/csv-writer.ts";
export { type SqlFormat, sqlFormats } from "./sql/result-writers.ts";
export { runSqlFiles, type SqlFilesOptions, type SqlSource } from "./sql/run-sql-files.ts";
