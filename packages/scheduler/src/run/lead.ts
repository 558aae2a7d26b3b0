import { errorText, formatLocalTime, type Logger, inParallel } from "@lava/core";
import type { OpenSlot } from "@lava/realm";
import { nextSlot } from "../schedule/job-schedule.ts";
import type { BookedJob } from "./booked-job.ts";
import {
  dispatchSlot,
  missSlot,
  persist,
  type SlotContext,
  type SlotRealm,
} from "./dispatch-slot.ts";
import type { Office } from "./election.ts";
import { createGate } from "./gate.ts";
import type { BookChange, JobBook } from "./job-book.ts";
import { createMissedAlarm } from "./missed-alarm.ts";
import { createOverlapGuard } from "./overlap.ts";
import { planSlots } from "./plan-slots.ts";
import { createPrepared } from "./prepared.ts";
import { createSender } from "./sender.ts";

/** What leading needs. */
export interface LeadOptions {
  readonly realm: SlotRealm;
  readonly book: JobBook;
  readonly office: Office;
  readonly logger: Logger;
  readonly hostname: string;
}

/** A leader at work. */
export interface Leading {
  /** Tells of changed jobs. */
  changed(changes: readonly BookChange[]): void;
  /** Resolves when the office has ended and nothing is under way. */
  readonly done: Promise<void>;
}

/** The loop comes round so often even when nothing is due, in ms: clocks may be set. */
const TICK_MS = 1000;

/** Slots that are under way at a time. */
const PARALLEL = 4000;

/** Entries of the ledger that are written at a time. */
const ENTRIES = 48;

/** Slots are entered so long before their time, in ms, and so many at a time. */
const PREPARE_MS = 8000;
const PREPARING = 8;

/** A cursor so far ahead of the clock is of a clock that was wrong, in ms. */
const AHEAD_MS = 300_000;

/** Pending slots of earlier leaders are looked for from so long before the cursor, in ms. */
const SWEEP_MS = 3_600_000;
const QUEUED_SWEEP_MS = 7 * 24 * 3_600_000;

/** Does what a leader does: each slot of each job, once. */
export function startLeading(options: LeadOptions): Leading {
  const { realm, book, office, logger, hostname } = options;
  const { clock } = realm;
  const context: SlotContext = {
    realm,
    logger,
    hostname,
    sender: createSender(realm),
    alarm: createMissedAlarm(realm, logger),
    entries: createGate(ENTRIES),
  };
  const entryOf = (job: BookedJob, slot: number) => ({
    job_id: job.job_id,
    slot,
    worker: job.worker,
    epoch: office.epoch,
  });
  const ahead = createGate(PREPARING);
  const prepared = createPrepared({
    open: (job, slot) =>
      ahead(() => persist(() => realm.schedule.slots.open(entryOf(job, slot)), office, context)),
    withdraw: (job, slot) =>
      persist(
        () => realm.schedule.slots.close(entryOf(job, slot), "skipped", { reason: "edited" }),
        office,
        context,
      ),
  });
  const gate = createGate(PARALLEL);
  const guard = createOverlapGuard(realm);
  /** Up to where each job's slots were looked at. */
  const looked = new Map<string, number>();
  const nexts = new Map<string, number | undefined>();
  /** Slots under way, by job and time: the cursor stays before them. */
  const unsettled = new Map<string, number>();
  /** Slots that wait for the run before (`x-lava-overlap: queue`), by job. */
  const waiting = new Map<string, { job: BookedJob; slot: number; reason: string | undefined }[]>();
  const lanes = new Map<string, Promise<void>>();
  let cursor = startOf(office.cursor);
  let wake = new AbortController();

  function startOf(known: number | undefined): number {
    const now = clock.now();
    if (known === undefined) return now;
    if (known - now < AHEAD_MS) return known;
    logger.warn(
      { event_type: "scheduler", cursor: new Date(known).toISOString() },
      "Slots were dispatched up to a time that is yet to come: a clock was wrong",
    );
    return now;
  }

  function track(job: BookedJob, slot: number, action: () => Promise<void>): void {
    const key = `${slot} ${job.job_id}`;
    if (unsettled.has(key)) return;
    unsettled.set(key, slot);
    // Runs of a job that must not overlap go one after the other.
    const before = job.overlap === "allow" ? undefined : lanes.get(job.job_id);
    const work = (async () => {
      await before;
      try {
        if (!office.isHeld()) return;
        await gate(action);
        unsettled.delete(key);
      } catch (error) {
        // Left pending: the next leader has it. The cursor stays before it.
        if (office.signal.aborted || !office.isHeld()) return;
        unsettled.delete(key);
        logger.error(
          { event_type: "scheduler", job_id: job.job_id, error: errorText(error) },
          `Job ${job.job_id}: the slot ${new Date(slot).toISOString()} has failed: ${errorText(error)}`,
        );
      }
    })();
    if (job.overlap !== "allow") lanes.set(job.job_id, work);
    running.add(work);
    void work.finally(() => running.delete(work));
  }
  const running = new Set<Promise<void>>();

  async function fire(
    job: BookedJob,
    slot: number,
    reason: string | undefined,
    ready: Promise<boolean> = Promise.resolve(false),
  ): Promise<void> {
    const entry = entryOf(job, slot);
    const { slots } = realm.schedule;
    const isOpen = await ready;
    if (book.isPaused(job, slot) && isOpen) {
      await persist(() => slots.close(entry, "skipped", { reason: "paused" }), office, context);
      return;
    }
    if (book.isPaused(job, slot)) {
      await persist(() => slots.enter({ ...entry, reason: "paused" }, "skipped"), office, context);
      return;
    }
    if (job.overlap === "queue" && waiting.has(job.job_id)) {
      await wait(job, slot, reason);
      return;
    }
    if (
      job.overlap !== "allow" &&
      (await persist(() => guard.isBusy(job.job_id), office, context))
    ) {
      if (job.overlap === "queue") await wait(job, slot, reason);
      else await skip(job, slot);
      return;
    }
    await dispatchSlot(job, slot, reason, office, context, isOpen);
    guard.sent(job.job_id, slots.runId(entry), slot);
  }

  async function skip(job: BookedJob, slot: number): Promise<void> {
    const { job_id, worker } = job;
    const entry = { job_id, slot, worker, epoch: office.epoch, reason: "overlap" };
    if (!(await persist(() => realm.schedule.slots.enter(entry, "skipped"), office, context)))
      return;
    const run_id = realm.schedule.slots.runId(entry);
    const at = new Date(slot).toISOString();
    const info = { error: `Scheduled run of ${at} skipped: the run before it is unfinished` };
    await persist(
      () =>
        realm.events.append(
          { job_id, run_id },
          { status: "rejected", info },
          {
            origin: { worker, hostname },
            ts_dispatch: formatLocalTime(slot),
            extra: { x_state: "skipped", x_reason: "overlap" },
          },
        ),
      office,
      context,
    );
    logger.warn(
      { event_type: "scheduler", job_id, run_id, slot: at },
      `Job ${job_id}: ${info.error}`,
    );
  }

  async function wait(job: BookedJob, slot: number, reason: string | undefined): Promise<void> {
    const entry = { job_id: job.job_id, slot, worker: job.worker, epoch: office.epoch };
    const list = waiting.get(job.job_id) ?? [];
    if (list.some((one) => one.slot === slot)) return;
    if (
      !(await persist(
        () => realm.schedule.slots.open({ ...entry, reason: "queued" }),
        office,
        context,
      ))
    )
      return;
    list.push({ job, slot, reason: reason ?? "queued" });
    list.sort((a, b) => a.slot - b.slot);
    waiting.set(job.job_id, list);
  }

  /** Sends the first that waits of each job whose run before has ended. */
  async function release(): Promise<void> {
    for (const [job_id, list] of waiting) {
      const [first] = list;
      if (first === undefined || (await guard.isBusy(job_id))) continue;
      const job = book.jobs.get(job_id) ?? first.job;
      await dispatchSlot(job, first.slot, first.reason, office, context);
      guard.sent(job_id, realm.schedule.slots.runId({ job_id, slot: first.slot }), first.slot);
      list.shift();
      if (list.length === 0) waiting.delete(job_id);
    }
  }

  /** What is due of one job. */
  function due(job: BookedJob, now: number): void {
    const after = looked.get(job.job_id) ?? cursor;
    const plan = planSlots(job.schedule, after, now, job.catchUp);
    looked.set(job.job_id, Math.max(after, now));
    nexts.set(job.job_id, nextSlot(job.schedule, Math.max(after, now)));
    for (const { slot, caughtUp } of plan.fire) {
      const ready = prepared.take(job.job_id, slot);
      track(job, slot, () => fire(job, slot, caughtUp ? "caught_up" : undefined, ready));
    }
    if (plan.missedCount === 0) return;
    const why =
      plan.missedCount > 1
        ? `no scheduler ran; ${plan.missedCount} runs of this job were missed`
        : "no scheduler ran";
    const { slots } = realm.schedule;
    const missed = plan.missed.filter((slot) => !book.isPaused(job, slot));
    for (const slot of missed) {
      track(job, slot, async () => {
        const entry = { ...entryOf(job, slot), reason: "outage" };
        if (slot === missed.at(-1)) await alarm(job, slot, plan.missedCount, why);
        if (await persist(() => slots.enter(entry, "missed"), office, context))
          await persist(() => missSlot(entry, why, context), office, context);
      });
    }
  }

  /** Tells of an outage before its last slot is entered: whoever leads next tells of it if this one dies in between. */
  async function alarm(job: BookedJob, slot: number, count: number, why: string): Promise<void> {
    const { slots } = realm.schedule;
    if (job.alarmTopic === undefined) return;
    const known = await persist(
      () => slots.list(job.job_id, { since: slot, until: slot + 1, limit: 1 }),
      office,
      context,
    );
    const run_id = slots.runId(entryOf(job, slot));
    if (known.length === 0) await context.alarm.raise({ job, count, slot, run_id, why });
  }

  /** Takes up what earlier leaders entered and did not send: also of schedules that have changed since. */
  async function sweep(now: number): Promise<void> {
    // Entered before its time, for a schedule that was edited before it came.
    const edits = new Map<string, number>();
    const notices = await persist(() => realm.schedule.changes(cursor - SWEEP_MS), office, context);
    for (const { jobs, time } of notices) for (const id of jobs) edits.set(id, time);
    const isEdited = (job: BookedJob, slot: number): boolean =>
      nextSlot(job.schedule, slot - 1, slot + 1) === undefined &&
      (slot > now || (edits.get(job.job_id) ?? Infinity) <= slot);
    const pendingOf = async (job_id: string, back: number) => {
      const found = await persist(
        () =>
          realm.schedule.slots.list(job_id, {
            since: cursor - back,
            until: now + PREPARE_MS + TICK_MS,
            state: "pending",
            limit: 1000,
          }),
        office,
        context,
      );
      return found
        .filter(({ epoch, reason }) => epoch < office.epoch && reason !== "backfill")
        .toReversed();
    };
    const goesOn = (): boolean => office.isHeld() && !office.stopping.aborted;
    await inParallel([...book.jobs.values()], 8, async (job) => {
      if (!goesOn()) return;
      const back = job.overlap === "queue" ? QUEUED_SWEEP_MS : SWEEP_MS;
      for (const { slot } of await pendingOf(job.job_id, back)) {
        if (isEdited(job, slot)) await withdraw(entryOf(job, slot));
        else if (slot <= now) track(job, slot, () => fire(job, slot, "late"));
      }
    });
    // Of jobs that are gone: they must not come back with the job.
    await inParallel([...edits.keys()], 8, async (job_id) => {
      if (!goesOn() || book.jobs.has(job_id)) return;
      for (const { slot, worker } of await pendingOf(job_id, SWEEP_MS)) {
        await withdraw({ job_id, slot, worker, epoch: office.epoch });
      }
    });
  }

  async function withdraw(entry: OpenSlot): Promise<void> {
    const { slots } = realm.schedule;
    if (!(await persist(() => slots.open(entry), office, context))) return;
    await persist(() => slots.close(entry, "skipped", { reason: "edited" }), office, context);
  }

  async function run(): Promise<void> {
    const began = clock.now();
    running.add(
      sweep(began).catch((error: unknown) => {
        if (!office.isHeld()) return;
        logger.error(
          { event_type: "scheduler", error: errorText(error) },
          `The slots that an earlier leader left are not looked at: ${errorText(error)}`,
        );
      }),
    );
    while (office.isHeld() && !office.stopping.aborted) {
      const now = clock.now();
      for (const job of book.jobs.values()) {
        const next = nexts.has(job.job_id) ? nexts.get(job.job_id) : 0;
        if (next !== undefined && next <= now) due(job, now);
      }
      cursor = Math.max(cursor, now);
      settle();
      prepareNext(now);
      if (waiting.size > 0) await release().catch(() => undefined);
      await sleep(nextWake());
    }
    await Promise.allSettled(running);
    settle();
  }

  function prepareNext(now: number): void {
    prepared.review((job_id) => (book.jobs.has(job_id) ? nexts.get(job_id) : undefined));
    for (const job of book.jobs.values()) {
      const next = nexts.get(job.job_id);
      if (next === undefined || next <= now || next > now + PREPARE_MS) continue;
      if (job.overlap === "allow" && !book.isPaused(job, next)) prepared.prepare(job, next);
    }
  }

  /** Up to where nothing is under way. */
  function settle(): void {
    let settled = cursor;
    for (const slot of unsettled.values()) settled = Math.min(settled, slot - 1);
    office.settle(settled);
  }

  function nextWake(): number {
    let first = clock.now() + TICK_MS;
    for (const job of book.jobs.keys()) {
      const next = nexts.has(job) ? nexts.get(job) : 0;
      if (next !== undefined && next < first) first = next;
    }
    return first - clock.now();
  }

  async function sleep(ms: number): Promise<void> {
    try {
      const signal = AbortSignal.any([office.signal, office.stopping, wake.signal]);
      await clock.sleep(Math.max(0, ms), signal);
    } catch {
      if (wake.signal.aborted) wake = new AbortController();
    }
  }

  return {
    changed(changes) {
      const now = clock.now();
      for (const { job, since } of changes) {
        const known = looked.get(job.job_id);
        if (known !== undefined && since === undefined) continue;
        // A job is new, or its schedule is: its slots count from the change on, not from before it.
        const after = Math.max(since ?? now, now - TICK_MS * 60);
        looked.set(job.job_id, Math.min(after, now));
        nexts.set(job.job_id, nextSlot(job.schedule, Math.min(after, now)));
      }
      if (changes.length > 0) wake.abort();
    },
    done: run(),
  };
}
