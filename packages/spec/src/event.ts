import * as z from "zod";
import { data } from "./scalars.ts";

/** The statuses of an event; tools filter on them, so none is ever added (WF-116). */
export const eventStatuses = [
  "starting",
  "skipped",
  "rejected",
  "logging",
  "running",
  "retrying",
  "complete",
  "failed",
  "action_failed",
] as const;

/** Status of an event. */
export type EventStatus = (typeof eventStatuses)[number];

/** Statuses after which a run does nothing more, but for `action_failed` after a terminal one. */
export const terminalStatuses: ReadonlySet<EventStatus> = new Set([
  "skipped",
  "rejected",
  "complete",
  "failed",
  "action_failed",
]);

/** Finer states of a run, beside the nine on the wire (design 5). */
export const runStates = [
  "queued",
  "running",
  "waiting",
  "deferred",
  "up_for_retry",
  "released",
  "lost",
  "cancelled",
  "late",
  "over_tried",
  "unroutable",
  "done",
] as const;

/** Finer state of a run: `x_state`. */
export type RunState = (typeof runStates)[number];

const status = z.enum(eventStatuses);

/** One entry of an event item's log: exactly these members (WF-120). */
export const eventLogEntry = z.strictObject({
  ts_event: z.string().describe("When, local ISO 8601 time with offset."),
  tu_event: z.string().describe("When, UTC without offset."),
  status: status.describe("What happened."),
  info: data.nullable().describe("More about it (WF-117, WF-125..136)."),
});

/** The events of one run: one item per job and run (WF-100..120). Others may add attributes. */
export const eventItem = z.looseObject({
  job_id: z.string().describe("The job."),
  run_id: z.string().describe("The run."),
  ts_dispatch: z.string().optional().describe("When it was dispatched, local time."),
  ts_event: z.string().optional().describe("When the last event was, local time."),
  tu_event: z.string().optional().describe("When the last event was, UTC without offset."),
  status: status.optional().describe("Status of the last event."),
  ttl: z.number().optional().describe("When the item may be removed, epoch seconds."),
  worker: z.string().optional().describe("Name of the worker."),
  worker_id: z.string().nullish().describe("EC2 instance id, null elsewhere."),
  hostname: z.string().optional().describe("Host of the worker."),
  instance_id: z.string().nullish().describe("EC2 instance id, only on EC2."),
  log: z.array(eventLogEntry).optional().describe("All events, in order."),
  x_state: z.string().optional().describe("Finer state than `status`."),
  x_reason: z.string().optional().describe("Why the run is in that state."),
  x_hint: z.string().optional().describe("What can be done about why the run ended badly."),
  x_holder: z.string().optional().describe("Worker process that has claimed the run."),
  x_epoch: z.number().optional().describe("Rises with each takeover of the run."),
  x_started: z.string().optional().describe("When the run began, UTC with milliseconds."),
  x_ended: z.string().optional().describe("When the run ended, UTC with milliseconds."),
  x_attempt: z.number().optional().describe("Tries so far, over all holders."),
  x_actions: z.unknown().optional().describe("Which actions of the terminal event are settled."),
  x_child: z
    .unknown()
    .optional()
    .describe("Of a child of a chain, dag or foreach: its parent, its own id, log and duration."),
  x_cancel: z.unknown().optional().describe("Who asked for the end of the run, when and why."),
  x_deadline: z.string().optional().describe("By when the run must be over, UTC."),
  x_lost: z.string().optional().describe("Worker process from which the run was taken over last."),
  x_iteration: z.number().optional().describe("Tries of the job that have failed so far."),
  x_deferrals: z.number().optional().describe("How often the run was put off (x-lava-defer)."),
  x_due: z.string().optional().describe("When the run goes on, UTC with milliseconds."),
  x_resume: z.unknown().optional().describe("What a run that was given back goes on from."),
  x_sent: z.unknown().optional().describe("Parameters and globals of the dispatch message."),
  x_plan: z.unknown().optional().describe("Of a rerun: the run it repeats, and which part of it."),
});

/** The events of one run. */
export type EventItem = z.output<typeof eventItem>;

/** One entry of the log of a run. */
export type EventLogEntry = z.output<typeof eventLogEntry>;
