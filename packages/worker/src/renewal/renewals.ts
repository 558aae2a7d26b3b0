import { existsSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { Worker } from "node:worker_threads";
import type { Logger } from "@lava/core";
import type { Renewer, RenewalNews, RenewalOrder } from "./renewer.ts";
import type { RenewalThreadData } from "./run-renewals.ts";

/** Renewals of lease and messages, wherever they are made. */
export interface Renewals extends AsyncDisposable {
  order(order: RenewalOrder): void;
  /** Whether they go on while the main event loop is blocked. */
  readonly isThreaded: boolean;
}

/** Options of {@link startRenewals}. */
export interface RenewalsOptions {
  readonly data: Omit<RenewalThreadData, "compileCache">;
  readonly logger: Logger;
  readonly onNews: (news: RenewalNews) => void;
  /** A renewer on the main event loop, for when there can be no thread. */
  readonly fallback: (tell: (news: RenewalNews) => void) => Renewer;
}

/** A thread that has nothing to do ends after so long, in ms: it costs memory. */
const IDLE_MS = 60_000;
/** A thread that ends by itself so often is not started again. */
const MAX_FAULTS = 5;

/**
 * Renewals by a thread of their own, which is started with the first order and again should it end. A blocked event
 * loop (a long statement of SQLite, a huge template) then costs no run; a process that is stopped as a whole stops
 * the thread too, and loses its lease as it should.
 */
export function startRenewals(options: RenewalsOptions): Renewals {
  const { logger, onNews } = options;
  const file = threadFile();
  const holds = new Map<string, Extract<RenewalOrder, { order: "hold" }>>();
  let lease: RenewalOrder | undefined;
  let thread: Worker | undefined;
  let inline: Renewer | undefined;
  let faults = file === undefined ? MAX_FAULTS : 0;
  let idle: NodeJS.Timeout | undefined;
  let disposed = false;

  const send = (order: RenewalOrder): void => {
    inline?.obey(order);
    if (thread !== undefined) post(thread, order);
  };
  /** All that is still to be done, for a thread that begins. */
  const repeat = (): void => {
    if (lease !== undefined) send(lease);
    for (const order of holds.values()) send(faults === 0 ? order : { ...order, atOnce: true });
  };
  const goInline = (): void => {
    logger.warn(
      { event_type: "worker" },
      "There is no thread for renewals: a blocked event loop can cost the lease",
    );
    inline ??= options.fallback(onNews);
    repeat();
  };
  const start = (): void => {
    if (faults >= MAX_FAULTS || file === undefined) {
      goInline();
      return;
    }
    const own = startThread(file, options.data);
    thread = own;
    // Until the thread has begun, which a busy machine may put off, this one does its work.
    inline ??= options.fallback(onNews);
    own.on("message", (news: RenewalNews) => {
      if (own !== thread) return;
      if (news.news !== "ready") onNews(news);
      else {
        inline?.close();
        inline = undefined;
      }
    });
    own.on("error", (error) => {
      logger.warn({ event_type: "worker", error: String(error) }, "The thread for renewals failed");
    });
    own.once("exit", () => {
      if (own !== thread) return;
      thread = undefined;
      faults += 1;
      if (!disposed && (lease !== undefined || holds.size > 0)) start();
    });
    own.unref();
    repeat();
  };
  const end = (): Worker | undefined => {
    const ending = thread;
    thread = undefined;
    inline?.close();
    inline = undefined;
    if (ending !== undefined) post(ending, "end");
    return ending;
  };

  return {
    get isThreaded() {
      return faults < MAX_FAULTS;
    },
    order(order) {
      if (order.order === "renew") lease = order;
      else if (order.order === "rest") lease = undefined;
      else if (order.order === "hold") holds.set(order.receipt, order);
      else holds.delete(order.receipt);
      const isIdle = lease === undefined && holds.size === 0;
      clearTimeout(idle);
      if (isIdle) idle = setTimeout(end, IDLE_MS).unref();
      if (thread === undefined && inline === undefined && !isIdle) start();
      else send(order);
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      clearTimeout(idle);
      inline?.close();
      const ending = end();
      if (ending === undefined) return;
      const ended = new Promise((resolve) => {
        ending.once("exit", resolve);
      });
      ending.ref();
      await ended;
    },
  };
}

function post(thread: Worker, order: RenewalOrder | "end"): void {
  thread.postMessage(order, []); // threads have no origins
}

function startThread(file: URL, data: Omit<RenewalThreadData, "compileCache">): Worker {
  const compileCache = getCompileCacheDir();
  return new Worker(file, {
    workerData: { ...data, ...(compileCache === undefined ? {} : { compileCache }) },
    name: "renewals",
    ...(file.pathname.endsWith(".ts")
      ? { execArgv: ["--conditions=@lava/source", "--disable-warning=ExperimentalWarning"] }
      : {}),
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 },
  });
}

/** The thread's file: beside this one as a source, beside the bundle otherwise. */
function threadFile(): URL | undefined {
  const here = import.meta.url;
  const file = new URL(`./renewal-thread.${here.endsWith(".ts") ? "ts" : "js"}`, here);
  return existsSync(file) ? file : undefined;
}
