import { type DataMap, isMap, isTruthy } from "@lava/core";

/** Which dispatchers a scheduler serves, and the zones in which they read schedules. */
export interface Dispatchers {
  /** Those that it serves; undefined for all that cron or EventBridge Scheduler does not serve. */
  readonly only: readonly string[] | undefined;
  /** Whether dispatchers count that a lavasched job writes to a crontab. */
  readonly includeCron: boolean;
  /** Zone by dispatcher; `*` for all others. */
  readonly zones: Readonly<Record<string, string>>;
  /** Tells of a lavasched job: its dispatchers are cron's, and its CRON_TZ is their zone. */
  see(item: DataMap): void;
  /** Dispatchers of lavasched jobs, by job. */
  readonly cron: ReadonlyMap<string, CronDispatchers>;
}

/** What a lavasched job says. */
interface CronDispatchers {
  readonly names: readonly string[];
  readonly zone: string | undefined;
}

/** The dispatcher whose jobs are schedules of EventBridge Scheduler. */
export const EVENTBRIDGE = "eventbridge";

/** Options of {@link createDispatchers}. */
export interface DispatchersOptions {
  readonly only?: readonly string[] | undefined;
  readonly includeCron?: boolean;
  readonly zones?: Readonly<Record<string, string>>;
}

/** Dispatchers before any job was seen. */
export function createDispatchers(options: DispatchersOptions = {}): Dispatchers {
  const cron = new Map<string, CronDispatchers>();
  return {
    only: options.only,
    includeCron: options.includeCron ?? false,
    zones: options.zones ?? {},
    cron,
    see(item) {
      const parameters = isMap(item["parameters"]) ? item["parameters"] : {};
      const named = parameters["dispatcher"];
      const env = isMap(parameters["env"]) ? parameters["env"] : {};
      const zone = env["CRON_TZ"];
      const id = String(item["job_id"]);
      if (isTruthy(item["enabled"])) {
        cron.set(id, {
          names: (Array.isArray(named) ? named : [named]).map(String),
          zone: typeof zone === "string" ? zone : undefined,
        });
      } else cron.delete(id);
    },
  };
}

/** Whether a job of this dispatcher is the scheduler's. */
export function servesDispatcher(dispatchers: Dispatchers, name: unknown): boolean {
  if (typeof name !== "string" || name === "" || name === "--" || name === EVENTBRIDGE)
    return false;
  if (dispatchers.only !== undefined) return dispatchers.only.includes(name);
  if (dispatchers.includeCron) return true;
  return ![...dispatchers.cron.values()].some(({ names }) => names.includes(name));
}

/** The zone of a dispatcher: its own, that of its lavasched job, that of all, UTC. */
export function zoneOfDispatcher(dispatchers: Dispatchers, name: string): string {
  const own = dispatchers.zones[name];
  if (own !== undefined) return own;
  for (const { names, zone } of dispatchers.cron.values()) {
    if (zone !== undefined && names.includes(name)) return zone;
  }
  return dispatchers.zones["*"] ?? "UTC";
}
