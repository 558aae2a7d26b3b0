/** When jobs run: cron as cronie reads it, zones, the schedules of jobs. */
export type { Cron } from "./cron/cron.ts";
export { nextCronTime } from "./cron/next-time.ts";
export { parseCron, type ParseCronOptions } from "./cron/parse-cron.ts";
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
export { readTime } from "./schedule/read-time.ts";
export { openZone, type Zone, type ZoneSegment } from "./zone/zone.ts";
