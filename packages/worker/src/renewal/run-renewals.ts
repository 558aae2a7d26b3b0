import { parentPort, workerData } from "node:worker_threads";
import { nullLogger, systemClock } from "@lava/core";
import {
  type AwsSettings,
  createAwsClients,
  type EventOrigin,
  type LeaseTimes,
  openWorkerLease,
  openWorkerQueue,
} from "@lava/realm";
import { openGuardFile } from "./guard-file.ts";
import { createRenewer, type RenewalOrder } from "./renewer.ts";

/** What the thread is given when it starts. */
export interface RenewalThreadData {
  readonly compileCache?: string;
  readonly realm: string;
  readonly worker: string;
  readonly queue: string;
  readonly origin: EventOrigin;
  readonly settings: AwsSettings;
  readonly times: LeaseTimes;
  readonly lookMs: number;
  /** Descriptor of the guard file. */
  readonly guard: number;
}

/** Obeys orders from the main thread until it says to end. */
export function runRenewals(): void {
  const port = parentPort;
  if (port === null) return;
  const data: RenewalThreadData = workerData;
  const { realm, worker, origin, times } = data;
  const clients = createAwsClients(data.settings);
  const queue = openWorkerQueue({
    name: data.queue,
    owner: { realm, worker },
    clients,
    logger: nullLogger, // the main thread has said what there is to say
  });
  const renewer = createRenewer({
    openLease: (process) => openWorkerLease({ realm, clients, origin, process, times }),
    extend: (receipt, seconds) => queue.extend(receipt, seconds),
    guard: openGuardFile(data.guard),
    monotonic: systemClock.monotonic ?? systemClock.now,
    lookMs: data.lookMs,
    tell: (news) => {
      port.postMessage(news);
    },
  });
  port.postMessage({ news: "ready" });
  port.on("message", (order: RenewalOrder | "end") => {
    if (order !== "end") {
      renewer.obey(order);
      return;
    }
    renewer.close();
    port.close();
    void clients[Symbol.asyncDispose]();
  });
}
