/** The Lambda functions of a realm, as functions of what Lambda hands to them. */
export { createDispatchFunction, type DispatchAnswer } from "./dispatch/dispatch-function.ts";
export { parseRequests } from "./dispatch/parse-requests.ts";
export type { ParsedRequest, Request } from "./dispatch/request.ts";
export type { BareFunctionOptions, FunctionOptions, Handler, Invocation } from "./function.ts";
export type { CheckedCondition } from "./s3trigger/conditions.ts";
export {
  evaluateTrigger,
  type EvaluateOptions,
  type TriggerDecision,
  type TriggeredRun,
} from "./s3trigger/evaluate-trigger.ts";
export {
  createMetricsFunction,
  type MetricsAnswer,
  type MetricsFunctionOptions,
  type WorkerMetrics,
} from "./metrics/metrics-function.ts";
export {
  type ExplainedEvent,
  type ExplainedRun,
  type ExplainedTrigger,
  explainEvents,
} from "./s3trigger/explain-event.ts";
export { type MadeEvent, makeS3Event } from "./s3trigger/made-event.ts";
export { parseS3Event, type S3Event } from "./s3trigger/s3-event.ts";
export { createS3TriggerFunction, type S3TriggerAnswer } from "./s3trigger/s3trigger-function.ts";
export {
  createStopFunction,
  type StopAnswer,
  type StopFunctionOptions,
} from "./stop/stop-function.ts";
export { triggerLevels, WHOLE_BUCKET } from "./s3trigger/trigger-levels.ts";
