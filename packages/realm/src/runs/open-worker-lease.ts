import { type Clock, systemClock } from "@lava/core";
import { tableNames } from "@lava/spec";
import type { AwsClients } from "../clients.ts";
import { createDocuments } from "../documents.ts";
import { createLease } from "./lease.ts";
import { createSteadyTime } from "./steady-time.ts";
import type { LeaseOptions, LeaseTimes, WorkerLease } from "./types.ts";

/** What a lease needs where the realm itself is not open: in the thread that renews it. */
export interface WorkerLeaseOptions extends LeaseOptions {
  readonly realm: string;
  readonly clients: AwsClients;
  readonly times: LeaseTimes;
  readonly clock?: Clock;
}

/** The lease of a worker process without anything else of its realm; it was started elsewhere. */
export function openWorkerLease(options: WorkerLeaseOptions): WorkerLease {
  const { clock = systemClock } = options;
  return createLease(options, {
    table: tableNames(options.realm).events,
    documents: createDocuments(options.clients),
    clock,
    times: options.times,
    steady: createSteadyTime(clock),
  });
}
