import { type Clock, type Data, errorText, LavaError, type Logger } from "@lava/core";
import type { DispatchRealm } from "@lava/realm";

/** Something that cannot be carried out, however often it is tried. */
export interface DeadLetter {
  readonly error: unknown;
  readonly job_id: string | undefined;
  /** What was asked for, as it came. */
  readonly request: Data;
  readonly request_id: string;
}

/** Where what cannot be carried out goes, with the reason (LAM-113). */
export interface DeadLetters {
  /** Whether it is kept now, so that nobody needs to send it again. */
  send(letter: DeadLetter): Promise<boolean>;
}

/** Options of {@link createDeadLetters}. */
export interface DeadLettersOptions {
  readonly realm: Pick<DispatchRealm, "name" | "queue">;
  /** Name of the function. */
  readonly from: string;
  /** LAMBDA_DLQ: name of the queue; undefined: there is none. */
  readonly queue: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Dead letters into the queue of LAMBDA_DLQ. Without one, or when it cannot take them, the transport's own means are left. */
export function createDeadLetters(options: DeadLettersOptions): DeadLetters {
  const { realm, from, queue, clock, logger } = options;
  return {
    async send({ error, job_id, request, request_id }) {
      if (queue === undefined || !isPermanent(error)) return false;
      const letter = {
        function: from,
        realm: realm.name,
        ...(job_id === undefined ? {} : { job_id }),
        reason: { code: error instanceof LavaError ? error.code : "", message: errorText(error) },
        request,
        request_id,
        time: new Date(clock.now()).toISOString(),
      };
      try {
        await realm.queue(queue).sendBody(toJson(letter));
        return true;
      } catch (fault) {
        logger.error(
          { queue, request_id, error: errorText(fault) },
          "a dead letter cannot be sent",
        );
        return false;
      }
    },
  };
}

/** Whether trying again later cannot help. */
export function isPermanent(error: unknown): boolean {
  if (!(error instanceof LavaError)) return false;
  return error.retry === "never" || error.code === "NO_SUCH_QUEUE";
}

function toJson(value: object): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "bigint" ? item.toString() : item,
  );
}
