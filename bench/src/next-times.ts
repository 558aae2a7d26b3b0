import { nextSlots, readJobSchedule } from "@lava/scheduler";
import { Cron } from "croner";
import { type Measurement, median } from "./measurement.ts";

const TIMES = 20;
const ROUNDS = 5;
const FROM = Date.parse("2026-11-26T07:00:00Z");
const zones = ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York"];

/** 400 crontab times as people write them, those on which both agree: no day of the month beside one of the week. */
const specs = Array.from({ length: 400 }, (_, index) => {
  const [minute, hour] = [(index * 7) % 60, 3 + ((index * 5) % 20)];
  const crontab = [
    `${minute} ${hour} * * *`,
    `${minute} ${hour} * * mon-fri`,
    `*/15 ${hour} * * *`,
    `${minute} ${hour} 1,15 * *`,
    `${minute} ${hour} 29 2 *`,
  ][index % 5];
  return { crontab: crontab ?? "", zone: zones[index % zones.length] ?? "UTC" };
});

/** The next 20 times of 400 schedules, read anew each time, as `lava schedule show` does; croner likewise. */
export function benchNextTimes(): Promise<readonly Measurement[]> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(timed(() => specs.map((spec) => ourTimes(spec))));
    theirs.push(timed(() => specs.map((spec) => theirTimes(spec))));
  }
  for (const spec of specs) {
    if (ourTimes(spec).join() !== theirTimes(spec).join()) {
      throw new Error(`croner has other times for ${spec.crontab} in ${spec.zone}`);
    }
  }
  const per = (values: readonly number[]): number =>
    (median(values) * 1000) / (specs.length * TIMES);
  const ratio = per(ours) / per(theirs);
  return Promise.resolve([
    {
      what: `next ${TIMES} times of ${specs.length} schedules in 4 zones: one time`,
      value: `${per(ours).toFixed(1)} us`,
      peer: `croner ${per(theirs).toFixed(1)} us, ratio ${ratio.toFixed(2)}; the same times`,
    },
  ]);
}

function ourTimes({ crontab, zone }: (typeof specs)[number]): number[] {
  const schedule = readJobSchedule({ job_id: "bench", schedule: crontab }, { zone });
  return [...nextSlots(schedule, FROM, TIMES)];
}

function theirTimes({ crontab, zone }: (typeof specs)[number]): number[] {
  return new Cron(crontab, { timezone: zone })
    .nextRuns(TIMES, new Date(FROM))
    .map((date) => date.getTime());
}

function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}
