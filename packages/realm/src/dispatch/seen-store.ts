import { type Clock, formatLocalTime, type Logger } from "@lava/core";
import { isAccessDenied } from "../aws-errors.ts";
import { ConditionFailed, type Documents } from "../documents.ts";
import { createExpression } from "../expression.ts";
import { numberOf, textOf } from "../marshal.ts";

/** What has been dealt with lately, known to all instances of a function (LAM-219). */
export interface SeenStore {
  /** When it was dealt with, as it was told; undefined when it was not, or too long ago. */
  get(key: string): Promise<string | undefined>;
  /** Remembers it for `ttl` seconds, unless another instance has. Without the right to write, once says so and does nothing. */
  mark(key: string, what: string, ttl: number): Promise<void>;
}

/** Items `dedup/<key>` of the state table; they are state items, so that tools can show them. */
export function openSeenStore(options: {
  readonly table: string;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly logger: Logger;
}): SeenStore {
  const { table, documents, clock, logger } = options;
  let allowed = true;
  const idOf = (key: string): string => `dedup/${key}`;

  async function ifAllowed<T>(call: () => Promise<T>): Promise<T | undefined> {
    if (!allowed) return undefined;
    try {
      return await call();
    } catch (error) {
      if (!isAccessDenied(error)) throw error;
      allowed = false;
      logger.warn(
        { table },
        "events are compared within one instance only: no right to the state table",
      );
      return undefined;
    }
  }

  return {
    get: (key) =>
      ifAllowed(async () => {
        const item = await documents.get(table, { state_id: idOf(key) });
        if ((numberOf(item?.["ttl"]) ?? 0) <= clock.now() / 1000) return undefined;
        return textOf(item?.["value"]);
      }),
    async mark(key, what, ttl) {
      await ifAllowed(async () => {
        const expression = createExpression();
        const now = clock.now();
        const item = {
          state_id: idOf(key),
          type: "raw",
          value: what,
          timestamp: formatLocalTime(now),
          ttl: Math.ceil(now / 1000 + ttl),
        };
        const id = expression.name("state_id");
        const old = `${expression.name("ttl")} <= ${expression.value(Math.floor(now / 1000))}`;
        try {
          await documents.put(table, item, {
            text: `attribute_not_exists(${id}) OR ${old}`,
            expression,
          });
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
        }
      });
    },
  };
}
