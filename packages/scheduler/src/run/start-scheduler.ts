import { randomUUID } from "node:crypto";
import { errorText, type Logger, parseDuration } from "@lava/core";
import type { Realm } from "@lava/realm";
import { createDispatchers, type DispatchersOptions } from "./dispatchers.ts";
import { runElection } from "./election.ts";
import { bookFault, openJobBook } from "./job-book.ts";
import { type Leading, startLeading } from "./lead.ts";
import { sendDue } from "./send-due.ts";

/** What a scheduler needs of a realm. */
export type SchedulerRealm = Pick<
  Realm,
  | "name"
  | "clock"
  | "clients"
  | "config"
  | "jobs"
  | "schedule"
  | "queue"
  | "due"
  | "events"
  | "listWorkers"
>;

/** Options of {@link startScheduler}. */
export interface SchedulerOptions extends DispatchersOptions {
  readonly realm: SchedulerRealm;
  readonly logger: Logger;
  readonly hostname: string;
  /** Ends it; its lease is given up. */
  readonly signal: AbortSignal;
  /** How often all jobs are read anew, ms: edits that other tools made. 5 minutes by default. */
  readonly refreshMs?: number;
  /** The name of the elected office; schedulers of one role stand by for each other. */
  readonly role?: string;
  /** Whether this node is not to dispatch for now (NO_DISPATCH, OPS-191). */
  readonly isSuppressed?: () => boolean;
  /** When it has read the jobs and takes part in the election. */
  readonly onReady?: () => void;
}

/** So often a scheduler looks for what `lava deploy` and `lava schedule` announce, in ms. */
const LOOK_MS = 1000;

const REFRESH_MS = 300_000;

/**
 * Runs a scheduler until the signal aborts: reads the jobs, keeps up with changes, stands by or leads (design 8).
 * Several may run; one leads.
 */
export async function startScheduler(options: SchedulerOptions): Promise<void> {
  const { realm, logger, hostname, signal } = options;
  const { clock } = realm;
  const role = options.role ?? roleOf(options.only);
  const book = openJobBook({ realm, dispatchers: createDispatchers(options), logger });
  let leading: Leading | undefined;

  async function keepUp(): Promise<void> {
    let refreshed = clock.now();
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const isDue = clock.now() - refreshed >= (options.refreshMs ?? REFRESH_MS);
        if (isDue) refreshed = clock.now();
        const changes = [...(await book.look()), ...(isDue ? await book.refresh() : [])];
        leading?.changed(changes);
      } catch (error) {
        logger.warn({ event_type: "scheduler", error: errorText(error) }, bookFault(error));
      }
    }
  }

  for (;;) {
    try {
      await book.refresh();
      await book.look();
      break;
    } catch (error) {
      if (signal.aborted) return;
      logger.warn({ event_type: "scheduler", error: errorText(error) }, bookFault(error));
      await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
  }
  logger.info(
    { event_type: "scheduler", jobs: book.jobs.size },
    `Scheduler of realm ${realm.name}: ${book.jobs.size} jobs, role ${role}`,
  );
  options.onReady?.();
  await Promise.all([
    keepUp(),
    runElection({
      lease: realm.schedule.leader(role, `${hostname}/${randomUUID()}`, hostname),
      ttlMs: parseDuration(realm.config.LEADER_TTL) * 1000,
      clock,
      logger,
      signal,
      isSuppressed: options.isSuppressed,
      async serve(office) {
        leading = startLeading({ realm, book, office, logger, hostname });
        await Promise.all([leading.done, sendDue({ realm, logger, office })]);
        leading = undefined;
      },
    }),
  ]);
}

/** One office for all dispatchers, or one for those that were named. */
function roleOf(only: readonly string[] | undefined): string {
  return only === undefined ? "scheduler" : `scheduler/${only.toSorted().join(",")}`;
}
