import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { LavaError, type Clock } from "@lava/core";
import type { AwsSettings } from "@lava/realm";
import type { CliContext, Output } from "../command.ts";

/** What a scheduler process is told. */
export interface RunSchedulerOptions {
  readonly realm: string;
  readonly settings: AwsSettings;
  readonly env: CliContext["env"];
  readonly clock: Clock;
  readonly stderr: Output;
  readonly signal: AbortSignal;
  readonly dispatchers?: readonly string[] | undefined;
  /** Also dispatchers that a lavasched job writes to a crontab. */
  readonly includeCron: boolean;
  /** Zone by dispatcher, laid over those of the realm's record. */
  readonly zones: Readonly<Record<string, string>>;
  readonly refreshMs?: number | undefined;
  readonly level: string;
  readonly logJson: boolean;
  /** A file, or `@facility` of syslog; standard error when absent. */
  readonly log?: string | undefined;
  readonly tag: string;
  readonly onReady?: () => void;
}

const LEVELS = {
  debug: "debug",
  info: "info",
  warning: "warn",
  warn: "warn",
  error: "error",
  critical: "critical",
} as const;

/** Runs a scheduler until the signal aborts. */
export async function runScheduler(options: RunSchedulerOptions): Promise<void> {
  const { createAwsClients, openRealm } = await import("@lava/realm");
  const { openZone, startScheduler } = await import("@lava/scheduler");
  const { clock, signal } = options;
  const logger = await openLog(options);
  await using clients = createAwsClients(options.settings);
  const realm = await openRealm(options.realm, { clients, env: options.env, clock, logger });
  const zones = { ...zonesOf(realm.record.raw["x-lava-zones"]), ...options.zones };
  for (const zone of Object.values(zones)) openZone(zone);
  await startScheduler({
    realm,
    logger,
    hostname: hostname(),
    signal,
    only: options.dispatchers,
    includeCron: options.includeCron,
    zones,
    isSuppressed: () => existsSync(realm.config.NO_DISPATCH),
    ...(options.refreshMs === undefined ? {} : { refreshMs: options.refreshMs }),
    ...(options.onReady === undefined ? {} : { onReady: options.onReady }),
  });
}

/** The zones of a realm's record, `x-lava-zones`: dispatcher to zone, `*` for all others. */
export function zonesOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, zone]: [string, unknown]) =>
      typeof zone === "string" ? [[name, zone]] : [],
    ),
  );
}

async function openLog(options: RunSchedulerOptions) {
  const { createWorkerLogger, fileSink, syslogSink } = await import("@lava/worker");
  const { log, tag, stderr } = options;
  const name = options.level.toLowerCase();
  const level = Object.entries(LEVELS).find(([known]) => known === name)?.[1];
  if (level === undefined) {
    throw new LavaError("BAD_OPTIONS", `--level: unknown level ${options.level}`, {
      kind: "usage",
      hint: "Use debug, info, warning, error or critical.",
    });
  }
  return createWorkerLogger({
    source: {
      event_source: "lava-scheduler",
      realm: options.realm,
      host: hostname(),
      tag,
      pid: process.pid,
    },
    sink:
      log === undefined
        ? { place: "stderr", write: (line) => stderr.write(`${line}\n`) }
        : log.startsWith("@")
          ? syslogSink(log.slice(1), tag)
          : fileSink(log),
    level,
    json: options.logJson,
    clock: options.clock,
  });
}
