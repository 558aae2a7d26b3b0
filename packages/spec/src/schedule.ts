import * as z from "zod";

const FIELD = String.raw`[^\s]+`;

/** A crontab time: five fields, or one of cron's `@` words. */
export const crontab = z
  .string()
  .regex(new RegExp(String.raw`^\s*(?:@[a-z]+|${FIELD}(?:\s+${FIELD}){4})\s*$`), {
    error: 'expected five crontab fields, such as "0 6 * * mon-fri"',
  })
  .meta({ examples: ["0 6 * * *", "*/15 * * * *"] });

/** ISO 8601, or what dateutil makes of it (T-55): checks warn of that. */
const time = z
  .string()
  .min(1, { error: 'expected an ISO 8601 time, such as "2026-07-01T00:00:00+10:00"' })
  .meta({ examples: ["2026-07-01T00:00:00+10:00"] });

/** A schedule that is active for a time only (JOB-lavasched-05). */
export const timedSchedule = z
  .strictObject({
    crontab: crontab.describe("When to dispatch the job, as five crontab fields."),
    from: time
      .optional()
      .describe("Not active before this time. Without a zone the worker's local zone counts."),
    to: time
      .optional()
      .describe(
        "Not active after this time. When it is before `from`, the schedule pauses from `to` until `from`.",
      ),
  })
  .describe("A crontab time that counts between two times only.");

const entry = z.union([crontab, timedSchedule], {
  error: 'expected crontab fields such as "0 6 * * *", or a map with crontab, from and to',
});

/** All forms of a job's schedule (WF-055); the empty ones mean none. */
export const schedule = z.union([entry, z.array(entry), z.null(), z.enum(["", "--"])], {
  error:
    'expected crontab fields such as "0 6 * * *", a map with crontab, from and to, or a list of these',
});
