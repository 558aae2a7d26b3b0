/** A crontab time, read. Sets hold the values that match, in order. */
export interface Cron {
  /** As written, without blanks around it. */
  readonly text: string;
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1 to 31. */
  readonly days: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  /** 0 (Sunday) to 6. */
  readonly weekdays: readonly number[];
  /**
   * Whether day of month and day of week must both match. Otherwise one of them is enough: cron's rule when neither
   * field begins with `*`.
   */
  readonly bothDays: boolean;
  /**
   * Whether minute and hour are fixed times. Schedules with `*` in one of them follow real time when the clocks
   * change; fixed times run once, whatever the clocks do (design 8).
   */
  readonly isFixed: boolean;
}
