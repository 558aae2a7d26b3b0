import { randomUUID } from "node:crypto";
import { errorText } from "@lava/core";
import type { Engine, EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { objectsOf, required, textOf, textsOf } from "../protocols/input.ts";
import { isJsonObject, type JsonObject, jsonProtocol } from "../protocols/json.ts";
import { parseFilterPolicy } from "../sns/filter-policy.ts";
import { text } from "../store.ts";

const MAX_ENTRY = 262_144;

/** EventBridge: the default bus and others, rules by pattern, targets that are queues or topics. */
export function createEventsEngine(context: EngineContext): Engine {
  const { store, clock, region, accountId, deliveries, logger } = context;
  store.exec(
    `CREATE TABLE IF NOT EXISTS events_buses (name TEXT PRIMARY KEY) STRICT;
     CREATE TABLE IF NOT EXISTS events_rules (
       bus TEXT NOT NULL, name TEXT NOT NULL, pattern TEXT NOT NULL, state TEXT NOT NULL,
       description TEXT NOT NULL, PRIMARY KEY (bus, name)
     ) STRICT;
     CREATE TABLE IF NOT EXISTS events_targets (
       bus TEXT NOT NULL, rule TEXT NOT NULL, id TEXT NOT NULL, arn TEXT NOT NULL,
       PRIMARY KEY (bus, rule, id)
     ) STRICT`,
  );
  const arnOf = (resource: string): string => `arn:aws:events:${region}:${accountId}:${resource}`;
  /** Name of a bus, given by name or ARN. */
  const busOf = (given: string | undefined): string => {
    const name = given?.replace(/^arn:.*:event-bus\//, "") ?? "default";
    const known =
      name === "default" ||
      store.prepare("SELECT 1 FROM events_buses WHERE name = ?").get(name) !== undefined;
    if (known) return name;
    throw new AwsError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
  };
  const ruleArn = (bus: string, name: string): string =>
    arnOf(`rule/${bus === "default" ? "" : `${bus}/`}${name}`);

  function createEventBus(input: JsonObject): object {
    const name = required(textOf(input, "Name"), "Name");
    return store.write(() => {
      const { changes } = store.prepare("INSERT OR IGNORE INTO events_buses VALUES (?)").run(name);
      if (changes === 0 || name === "default") {
        throw new AwsError("ResourceAlreadyExistsException", `Event bus ${name} already exists.`);
      }
      return { EventBusArn: arnOf(`event-bus/${name}`) };
    });
  }

  function putRule(input: JsonObject): object {
    const name = required(textOf(input, "Name"), "Name");
    const bus = busOf(textOf(input, "EventBusName"));
    const pattern = textOf(input, "EventPattern");
    if (textOf(input, "ScheduleExpression") !== undefined || pattern === undefined) {
      throw new AwsError(
        "NotImplemented",
        "events PutRule without EventPattern is not implemented by local-aws",
        {
          status: 501,
        },
      );
    }
    try {
      parseFilterPolicy(pattern);
    } catch (error) {
      throw new AwsError(
        "InvalidEventPatternException",
        `Event pattern is not valid. Reason: ${errorText(error)}`,
      );
    }
    store.write(() => {
      store
        .prepare("INSERT OR REPLACE INTO events_rules VALUES (?, ?, ?, ?, ?)")
        .run(
          bus,
          name,
          pattern,
          textOf(input, "State") ?? "ENABLED",
          textOf(input, "Description") ?? "",
        );
    });
    return { RuleArn: ruleArn(bus, name) };
  }

  const requireRule = (input: JsonObject, member: string): { bus: string; rule: string } => {
    const rule = required(textOf(input, member), member);
    const bus = busOf(textOf(input, "EventBusName"));
    const row = store
      .prepare("SELECT 1 FROM events_rules WHERE bus = ? AND name = ?")
      .get(bus, rule);
    if (row !== undefined) return { bus, rule };
    throw new AwsError(
      "ResourceNotFoundException",
      `Rule ${rule} does not exist on EventBus ${bus}.`,
    );
  };

  function putTargets(input: JsonObject): object {
    const { bus, rule } = requireRule(input, "Rule");
    const targets = objectsOf(input, "Targets") ?? [];
    store.write(() => {
      for (const target of targets) {
        const arn = required(textOf(target, "Arn"), "Arn");
        if (!/^arn:aws[\w-]*:(sqs|sns):/.test(arn)) {
          throw new AwsError(
            "NotImplemented",
            `events targets like ${arn} are not implemented by local-aws`,
            {
              status: 501,
            },
          );
        }
        store
          .prepare("INSERT OR REPLACE INTO events_targets VALUES (?, ?, ?, ?)")
          .run(bus, rule, required(textOf(target, "Id"), "Id"), arn);
      }
    });
    return { FailedEntryCount: 0, FailedEntries: [] };
  }

  function removeTargets(input: JsonObject): object {
    const { bus, rule } = requireRule(input, "Rule");
    store.write(() => {
      for (const id of textsOf(input, "Ids") ?? []) {
        store
          .prepare("DELETE FROM events_targets WHERE bus = ? AND rule = ? AND id = ?")
          .run(bus, rule, id);
      }
    });
    return { FailedEntryCount: 0, FailedEntries: [] };
  }

  function deleteRule(input: JsonObject): undefined {
    const { bus, rule } = requireRule(input, "Name");
    store.write(() => {
      if (store.prepare("SELECT 1 FROM events_targets WHERE bus = ? AND rule = ?").get(bus, rule)) {
        throw new AwsError("ValidationException", "Rule can't be deleted since it has targets.");
      }
      store.prepare("DELETE FROM events_rules WHERE bus = ? AND name = ?").run(bus, rule);
    });
  }

  function listRules(input: JsonObject): object {
    const bus = busOf(textOf(input, "EventBusName"));
    const prefix = textOf(input, "NamePrefix") ?? "";
    const rows = store.prepare("SELECT * FROM events_rules WHERE bus = ? ORDER BY name").all(bus);
    return {
      Rules: rows
        .filter((row) => text(row, "name").startsWith(prefix))
        .map((row) => ({
          Name: text(row, "name"),
          Arn: ruleArn(bus, text(row, "name")),
          EventPattern: text(row, "pattern"),
          State: text(row, "state"),
          EventBusName: bus,
        })),
    };
  }

  /** Checks an entry and hands it to the targets of the rules that match. */
  function putEvent(entry: JsonObject): object {
    const source = textOf(entry, "Source");
    const detailType = textOf(entry, "DetailType");
    const written = textOf(entry, "Detail");
    const fault = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
    if (!source)
      return fault(
        "InvalidArgument",
        "Parameter Source is not valid. Reason: Source is a required argument.",
      );
    if (source.startsWith("aws.")) {
      return fault("NotAuthorizedForSource", "Not authorized for the source.");
    }
    if (!detailType) {
      return fault(
        "InvalidArgument",
        "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
      );
    }
    if (written === undefined) {
      return fault(
        "InvalidArgument",
        "Parameter Detail is not valid. Reason: Detail is a required argument.",
      );
    }
    let detail: unknown;
    try {
      detail = JSON.parse(written);
    } catch {
      detail = undefined;
    }
    if (!isJsonObject(detail)) return fault("MalformedDetail", "Detail is malformed.");
    let bus: string;
    try {
      bus = busOf(textOf(entry, "EventBusName"));
    } catch {
      return { EventId: randomUUID() }; // AWS takes and drops them too
    }
    const event = {
      version: "0",
      id: randomUUID(),
      "detail-type": detailType,
      source,
      account: accountId,
      time: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z"),
      region,
      resources: textsOf(entry, "Resources") ?? [],
      detail,
    };
    const find = (path: readonly string[]): unknown => {
      let at: unknown = event;
      for (const name of path) at = isJsonObject(at) ? at[name] : undefined;
      return at;
    };
    for (const rule of store
      .prepare("SELECT * FROM events_rules WHERE bus = ? AND state = 'ENABLED'")
      .all(bus)) {
      if (!parseFilterPolicy(text(rule, "pattern"))(find)) continue;
      const name = text(rule, "name");
      const targets = store
        .prepare("SELECT arn FROM events_targets WHERE bus = ? AND rule = ?")
        .all(bus, name);
      for (const target of targets) {
        try {
          deliveries.deliver({
            target: text(target, "arn"),
            source: ruleArn(bus, name),
            body: JSON.stringify(event),
          });
        } catch (error) {
          logger.warn({ rule: name, error: errorText(error) }, "an event could not be delivered");
        }
      }
    }
    return { EventId: event.id };
  }

  function putEvents(input: JsonObject): object {
    const entries = objectsOf(input, "Entries") ?? [];
    if (entries.length < 1 || entries.length > 10) {
      throw new AwsError(
        "ValidationException",
        "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and 10",
      );
    }
    if (JSON.stringify(entries).length > MAX_ENTRY) {
      throw new AwsError(
        "ValidationException",
        "Total size of the entries in the request is over the limit.",
      );
    }
    const results = store.write(() => entries.map(putEvent));
    return {
      FailedEntryCount: results.filter((result) => "ErrorCode" in result).length,
      Entries: results,
    };
  }

  return {
    services: ["events"],
    handle: jsonProtocol({
      version: "1.1",
      operations: {
        CreateEventBus: createEventBus,
        DeleteRule: deleteRule,
        ListRules: listRules,
        PutEvents: putEvents,
        PutRule: putRule,
        PutTargets: putTargets,
        RemoveTargets: removeTargets,
      },
    }),
  };
}
