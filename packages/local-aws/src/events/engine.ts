import { randomUUID } from "node:crypto";
import { errorText } from "@lava/core";
import type { Engine, EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { required, textOf } from "../protocols/input.ts";
import { isJsonObject, type JsonObject, jsonProtocol } from "../protocols/json.ts";
import { createBuses } from "./buses.ts";
import { parseEventPattern } from "./event-pattern.ts";
import { createPutEvents, isoTime } from "./put-events.ts";
import { createRules, type StoredRule } from "./rules.ts";
import { createTags } from "./tags.ts";
import { targetBody } from "./target-input.ts";
import { createTargetTable, createTargets } from "./targets.ts";

/** How often schedules are looked at, in milliseconds. */
const TICK = 500;

/** EventBridge: buses, rules by pattern or schedule, and their targets, which other engines receive. */
export function createEventsEngine(context: EngineContext): Engine {
  const { store, clock, region, accountId, deliveries, logger } = context;
  const buses = createBuses(context);
  const tags = createTags(context);
  createTargetTable(context);
  const rules = createRules(context, buses, tags);
  const targets = createTargets(context, rules);

  /** Sends an event to the targets of one rule; a target that is not there does not stop the others. */
  function send(rule: StoredRule, event: JsonObject): void {
    const names = { name: rule.name, arn: rule.arn, received: isoTime(clock.now()) };
    for (const target of targets.of(rule)) {
      try {
        const body = targetBody(target, event, names);
        deliveries.deliver({ target: target.arn, source: rule.arn, body });
      } catch (error) {
        logger.warn(
          { rule: rule.name, target: target.arn, error: errorText(error) },
          "an event could not be delivered",
        );
      }
    }
  }

  function spread(bus: string, event: JsonObject): void {
    for (const rule of rules.withPattern(bus)) {
      if (parseEventPattern(rule.pattern)(event)) send(rule, event);
    }
  }

  // Events of other services, such as "Object Created" of S3.
  deliveries.register("events", ({ target, body }) => {
    const event: unknown = JSON.parse(body);
    if (isJsonObject(event)) spread(buses.of(target), event);
  });

  context.background("events schedules", TICK, () => {
    store.write(() => {
      for (const rule of rules.due(clock.now())) {
        send(rule, {
          version: "0",
          id: randomUUID(),
          "detail-type": "Scheduled Event",
          source: "aws.events",
          account: accountId,
          time: isoTime(clock.now()),
          region,
          resources: [rule.arn],
          detail: {},
        });
      }
    });
  });

  function testEventPattern(input: JsonObject): object {
    try {
      const matches = parseEventPattern(required(textOf(input, "EventPattern"), "EventPattern"));
      const event: unknown = JSON.parse(required(textOf(input, "Event"), "Event"));
      return { Result: matches(event) };
    } catch (error) {
      if (error instanceof AwsError) throw error;
      throw new AwsError(
        "InvalidEventPatternException",
        `Event pattern is not valid. Reason: ${errorText(error)}`,
      );
    }
  }

  return {
    services: ["events"],
    handle: jsonProtocol({
      version: "1.1",
      operations: {
        ...buses.operations,
        ...rules.operations,
        ...targets.operations,
        ...tags.operations,
        PutEvents: createPutEvents(context, buses, spread),
        TestEventPattern: testEventPattern,
      },
    }),
  };
}
