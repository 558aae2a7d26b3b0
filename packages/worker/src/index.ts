/** The job runner: queue consumer, run life cycle, job handlers, actions, processes. */
export {
  type ActionContext,
  type ActionEvent,
  type ActionHandler,
  type ActionResult,
  defineAction,
} from "./action.ts";
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
export type { ProcessOptions, ProcessResult } from "./process.ts";
