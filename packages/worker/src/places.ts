import { errorText, isMap, LavaError, type Logger } from "@lava/core";
import { numberOf, type PoolSlot, type Realm, type RunKey } from "@lava/realm";
import { parseJobExtensions, type StoredJob } from "@lava/spec";
import { RunInterrupted } from "./interruption.ts";
import type { RunInput } from "./run-input.ts";
import type { RunServices } from "./run-services.ts";
import { waitInProcess } from "./wait.ts";

/** The slots that a run has of its job's limit and of pools. */
export interface Places {
  /** Names of the pools; those of the runs above are not among them. */
  readonly pools: readonly string[];
  /** Gives them back. Never throws: slots that cannot be given back are found as left behind. */
  free(): Promise<void>;
}

/** Slots that a job wants of one pool. */
interface PoolWish {
  readonly pool: string;
  readonly size: number;
  readonly slots: number;
}

/** Who wants places. */
export interface PlaceRequest {
  readonly record: StoredJob;
  /** The run at the top: children take their places for it. */
  readonly run: RunKey;
  readonly holder: string;
  /** Since when the run waits, milliseconds. */
  readonly since: number;
  /** Pools that a run above has slots of already: with these it would wait for itself. */
  readonly held: ReadonlySet<string>;
}

const NONE: Places = { pools: [], free: () => Promise.resolve() };

/**
 * Takes the places of a run: of its job (`x-lava-max-concurrent`) and of pools (`x-lava-pool`). Undefined when there
 * is no room; then it has none.
 *
 * @throws {LavaError} NO_SUCH_POOL, POOL_TOO_SMALL, BAD_JOB_EXTENSION
 */
async function takePlaces(
  request: PlaceRequest,
  realm: Realm,
  logger: Logger,
): Promise<Places | undefined> {
  const { run, holder, since, held } = request;
  const wishes = wishesOf(request.record, realm).filter(({ pool }) => !held.has(pool));
  if (wishes.length === 0) return NONE;
  const taken: PoolSlot[] = [];
  const free = async (): Promise<void> => {
    await Promise.all(
      taken.splice(0).map(async (slot) => {
        try {
          await realm.pools.free(slot);
        } catch (error) {
          const fields = { event_type: "worker", ...run, pool: slot.pool, error: errorText(error) };
          logger.warn(fields, `Slots of pool ${slot.pool} were not given back`);
        }
      }),
    );
  };
  try {
    for (const wish of wishes) {
      const slot = await realm.pools.take({ ...wish, run, holder, since });
      if (slot === undefined) {
        await free();
        return undefined;
      }
      taken.push(slot);
    }
  } catch (error) {
    await free();
    throw error;
  }
  return { pools: wishes.map(({ pool }) => pool), free };
}

/** The places of the runs of one worker. */
export interface RunPlaces {
  take(request: PlaceRequest): Promise<Places | undefined>;
  /**
   * Seconds after which a run that found no room asks again. Many that wait come back one after the other, in the
   * order in which they came, rather than all the time.
   */
  nextTry(): number;
}

/** Two tries of one worker process are at least so far apart, in ms. */
const APART_MS = 100;
const SOONEST_MS = 2000;
const LATEST_MS = 300_000;

/** The places of a worker's runs. */
export function createRunPlaces(
  realm: Realm,
  { clock, logger, random }: Pick<RunServices, "clock" | "logger" | "random">,
): RunPlaces {
  let last = 0;
  return {
    take: (request) => takePlaces(request, realm, logger),
    nextTry() {
      const now = clock.now();
      last = Math.min(now + LATEST_MS, Math.max(now + SOONEST_MS, last + APART_MS));
      return (last - now + random() * SOONEST_MS) / 1000;
    },
  };
}

/** Seconds between two looks for a place of a child. */
const LOOK_SECONDS = [0.2, 0.5, 1, 2, 5];

/** Takes the places of a child; it waits for them without a slot of the worker. */
export async function waitForPlaces(
  record: StoredJob,
  input: RunInput,
  services: RunServices,
): Promise<Places> {
  const { tree, pools: held } = input;
  const request = { record, run: tree.run, holder: tree.holder, since: services.clock.now(), held };
  for (let look = 0; ; look += 1) {
    const places = await takePlaces(request, services.realm, services.logger);
    if (places !== undefined) return places;
    const seconds = LOOK_SECONDS[Math.min(look, LOOK_SECONDS.length - 1)] ?? 1;
    await waitInProcess(
      seconds * (0.75 + services.random() / 2),
      input,
      services,
      () => new RunInterrupted("released", "worker_stopping", "Worker is stopping"),
    );
  }
}

/** In the order of their names, so that no two runs wait for each other. */
function wishesOf({ job_id, raw }: StoredJob, realm: Realm): PoolWish[] {
  const extensions = parseJobExtensions(raw);
  const most = extensions["x-lava-max-concurrent"];
  const pool = extensions["x-lava-pool"] ?? [];
  const wishes = (Array.isArray(pool) ? pool : [pool]).map((use) =>
    typeof use === "string"
      ? { pool: use, slots: 1, size: sizeOf(use, job_id, realm) }
      : { pool: use.name, slots: use.slots, size: sizeOf(use.name, job_id, realm) },
  );
  if (most !== undefined) wishes.push({ pool: `job/${job_id}`, slots: 1, size: most });
  return wishes.toSorted((a, b) => (a.pool < b.pool ? -1 : 1));
}

function sizeOf(pool: string, job_id: string, { name, record }: Realm): number {
  const pools = record.raw["x-lava-pools"];
  const size = isMap(pools) && Object.hasOwn(pools, pool) ? numberOf(pools[pool]) : undefined;
  if (size !== undefined) return size;
  throw new LavaError("NO_SUCH_POOL", `Job ${job_id}: realm ${name} has no pool ${pool}`, {
    retry: "never",
    hint: "x-lava-pools of the realm names pools and their sizes.",
  });
}
