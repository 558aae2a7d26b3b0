/** When jobs run: cron as cronie reads it, zones, the schedules of jobs, and the scheduler that runs them. */
export type { Cron } from "./cron/cron.ts";
export { nextCronTime } from "./cron/next-time.ts";
export { parseCron, type ParseCronOptions } from "./cron/parse-cron.ts";
export {
  type EventBridgeTarget,
  isScheduleOf,
  scheduleGroup,
  toEventBridgeSchedules,
} from "./eventbridge/to-schedules.ts";
export {
  backfill,
  type BackfillOptions,
  type BackfillResult,
  slotsBetween,
} from "./run/backfill.ts";
export { type BookedJob, bookJob, type BookOptions } from "./run/booked-job.ts";
export {
  createDispatchers,
  type Dispatchers,
  type DispatchersOptions,
  EVENTBRIDGE,
  servesDispatcher,
  zoneOfDispatcher,
} from "./run/dispatchers.ts";
export {
  type SchedulerOptions,
  type SchedulerRealm,
  startScheduler,
} from "./run/start-scheduler.ts";
export { explainCron } from "./schedule/explain.ts";
export {
  isActive,
  type JobSchedule,
  nextSlot,
  nextSlots,
  readJobSchedule,
  type ReadScheduleOptions,
  type ScheduledJob,
  type ScheduleEntry,
  type ScheduleFault,
} from "./schedule/job-schedule.ts";
export { isIsoTime, readTime } from "./schedule/read-time.ts";
export { openZone, type Zone, type ZoneSegment } from "./zone/zone.ts";
