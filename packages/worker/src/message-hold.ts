import { errorText, type Logger } from "@lava/core";
import type { Realm, ReceivedMessage, WorkerQueue } from "@lava/realm";
import type { VisibilityKeeper } from "./visibility-keeper.ts";
import type { Watchdog } from "./watchdog/watchdog.ts";

/** What holding messages needs. */
export interface HoldServices {
  readonly realm: Pick<Realm, "config">;
  readonly queue: WorkerQueue;
  readonly visibility: VisibilityKeeper;
  readonly watchdog: Pick<Watchdog, "remember" | "forget">;
  readonly logger: Logger;
  /** Seconds after a receive when a message is replaced; SQS ends every visibility 12 hours after it. */
  readonly messageLimit: number;
  /** Seconds before the copy of such a message may be received. */
  readonly copyDelay: number;
}

/** A received message while its run goes on. */
export interface MessageHold {
  readonly message_id: string;
  /** Absent while a fresh copy is in the queue in its place. */
  readonly receipt: string | undefined;
  /** Another message of the same run takes the place of this one. */
  replace(by: MessageHold): void;
  /** The run does not need the message any more; the receipt by which it is to be deleted. */
  end(): string | undefined;
}

/** Messages of runs that last longer are sent again by the watchdog should this process be lost; milliseconds. */
const BEQUEATH_MS = 300;
/** Milliseconds before a message that could not be replaced is tried again. */
const AGAIN_MS = 60_000;

/**
 * Keeps a message hidden, and has the watchdog remember it. Before SQS would end its visibility, twelve hours after
 * the receive, a fresh copy goes into the queue and the message is deleted; the copy is received later, by this worker
 * or another, and the holder of the run takes it as its own. In a mixed fleet there is no copy, which a Python worker
 * would run a second time: the watchdog alone has the message then.
 */
export function holdMessage(
  message: ReceivedMessage,
  wasShort: boolean,
  services: HoldServices,
): MessageHold {
  const { queue, watchdog, logger, realm } = services;
  const { message_id, body } = message;
  const fields = { event_type: "worker", message_id };
  let receipt: string | undefined = message.receipt;
  let successor: MessageHold | undefined;
  let replacing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const release = services.visibility.hold(message.receipt, wasShort);
  const bequeath = setTimeout(() => {
    watchdog.remember(message_id, message);
  }, BEQUEATH_MS);
  const letGo = (): void => {
    clearTimeout(timer);
    clearTimeout(bequeath);
    release();
    watchdog.forget(message_id);
  };
  const renew = async (): Promise<void> => {
    const old = receipt;
    if (old === undefined) return;
    try {
      if (realm.config.FLEET === "typescript") {
        await queue.sendBody(body, { delay: services.copyDelay });
        receipt = undefined;
        letGo();
        logger.info(fields, "The message of a long run goes on as a fresh copy");
      } else {
        receipt = undefined;
        release();
        logger.warn(
          fields,
          "The message of a long run is deleted: SQS would give it to a Python worker as well",
        );
      }
      await queue.delete(old);
    } catch (error) {
      logger.warn({ ...fields, error: errorText(error) }, "The message of a long run stays");
      if (receipt !== undefined) schedule(AGAIN_MS);
    }
  };
  const schedule = (ms: number): void => {
    timer = setTimeout(() => {
      replacing = renew();
    }, ms);
    timer.unref();
  };
  schedule(services.messageLimit * 1000);
  return {
    message_id,
    get receipt() {
      return successor === undefined ? receipt : successor.receipt;
    },
    replace(by) {
      if (successor === undefined) {
        letGo();
        successor = by;
      } else successor.replace(by);
    },
    end() {
      void replacing;
      if (successor !== undefined) return successor.end();
      letGo();
      return receipt;
    },
  };
}
