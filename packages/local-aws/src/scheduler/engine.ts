import { errorText } from "@lava/core";
import type { AwsRequest, AwsResponse, Engine, EngineContext } from "../engine.ts";
import { AwsError, notImplemented } from "../errors.ts";
import { textOf } from "../protocols/input.ts";
import { isJsonObject, type JsonObject } from "../protocols/json.ts";
import { createGroups } from "./groups.ts";
import { createSchedules } from "./schedules.ts";

/** How often schedules are looked at, in milliseconds. */
const TICK = 500;

/**
 * EventBridge Scheduler: groups and schedules, and their targets, which other engines receive. A flexible window is
 * kept and not used: the target is called at its beginning.
 */
export function createSchedulerEngine(context: EngineContext): Engine {
  const { store, clock, deliveries, logger } = context;
  const groups = createGroups(context);
  const schedules = createSchedules(context, groups);

  context.background("scheduler schedules", TICK, () => {
    for (const { arn, target } of schedules.takeDue(clock.now())) {
      const to = textOf(target, "Arn") ?? "";
      const body = textOf(target, "Input") ?? "{}";
      try {
        store.write(() => {
          deliveries.deliver({ target: to, source: arn, body });
        });
      } catch (error) {
        logger.warn(
          { schedule: arn, target: to, error: errorText(error) },
          "a target was not called",
        );
        const letters = target["DeadLetterConfig"];
        const queue = isJsonObject(letters) ? textOf(letters, "Arn") : undefined;
        if (queue === undefined) continue;
        try {
          store.write(() => {
            deliveries.deliver({ target: queue, source: arn, body });
          });
        } catch (fault) {
          logger.warn(
            { schedule: arn, queue, error: errorText(fault) },
            "the call is in no dead letter queue either",
          );
        }
      }
    }
  });

  async function handle(request: AwsRequest): Promise<AwsResponse> {
    const { method, query } = request;
    const [, kind, coded, ...rest] = request.path.split("/");
    const name = coded === undefined || coded === "" ? undefined : decodeURIComponent(coded);
    const group = query.get("groupName") ?? "default";
    if (rest.length > 0) throw notImplemented("scheduler", `${method} ${request.path}`);
    if (kind === "schedules" && name !== undefined) {
      switch (method) {
        case "POST":
          return answer(schedules.create(name, await readJson(request)));
        case "PUT":
          return answer(schedules.update(name, await readJson(request)));
        case "GET":
          return answer(schedules.get(group, name));
        case "DELETE":
          schedules.remove(group, name);
          return answer({});
      }
    }
    if (kind === "schedules" && method === "GET") return answer(schedules.list(query));
    if (kind === "schedule-groups" && name !== undefined) {
      switch (method) {
        case "POST":
          return answer(groups.create(name));
        case "GET":
          return answer(groups.get(name));
        case "DELETE":
          schedules.removeGroup(name);
          return answer({});
      }
    }
    if (kind === "schedule-groups" && method === "GET") return answer(groups.list(query));
    throw notImplemented("scheduler", `${method} ${request.path}`);
  }

  return { services: ["scheduler"], isRestJson: () => true, handle };
}

function answer(body: object): AwsResponse {
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

async function readJson(request: AwsRequest): Promise<JsonObject> {
  const text = (await request.readBody()).toString("utf8");
  try {
    const value: unknown = JSON.parse(text === "" ? "{}" : text);
    if (isJsonObject(value)) return value;
  } catch {
    // as below
  }
  throw new AwsError("SerializationException", "The request is not a JSON object.");
}
