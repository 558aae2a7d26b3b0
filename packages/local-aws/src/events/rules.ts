import { errorText } from "@lava/core";
import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { choiceOf, integerOf, objectsOf, required, textOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import type { Row } from "../store.ts";
import { number, text } from "../store.ts";
import type { Buses } from "./buses.ts";
import { parseEventPattern } from "./event-pattern.ts";
import { parseScheduleExpression } from "./schedule-expression.ts";
import type { Tags } from "./tags.ts";

const STATES = ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"] as const;

/** A rule as it is kept. */
export interface StoredRule {
  readonly bus: string;
  readonly name: string;
  readonly arn: string;
  readonly pattern: string;
  readonly schedule: string;
  readonly enabled: boolean;
}

/** Rules of all buses, and the operations on them. */
export interface Rules {
  readonly operations: Readonly<Record<string, (input: JsonObject) => object | undefined>>;
  /** The rule that an operation names. */
  require(input: JsonObject, member: string): StoredRule;
  /** Enabled rules of a bus that have a pattern. */
  withPattern(bus: string): StoredRule[];
  /** Enabled rules whose schedule is due; their next time is set. */
  due(now: number): StoredRule[];
}

/** Makes the store of rules. */
export function createRules(
  { store, clock }: Pick<EngineContext, "store" | "clock">,
  buses: Buses,
  tags: Tags,
): Rules {
  store.exec(
    `CREATE TABLE IF NOT EXISTS events_rules (
       bus TEXT NOT NULL, name TEXT NOT NULL, pattern TEXT NOT NULL, schedule TEXT NOT NULL, state TEXT NOT NULL,
       description TEXT NOT NULL, role TEXT NOT NULL, since INTEGER NOT NULL, due INTEGER NOT NULL,
       PRIMARY KEY (bus, name)
     ) STRICT`,
  );
  const read = (row: Row): StoredRule => ({
    bus: text(row, "bus"),
    name: text(row, "name"),
    arn: buses.ruleArn(text(row, "bus"), text(row, "name")),
    pattern: text(row, "pattern"),
    schedule: text(row, "schedule"),
    enabled: text(row, "state") !== "DISABLED",
  });
  const find = (bus: string, name: string): Row | undefined =>
    store.prepare("SELECT * FROM events_rules WHERE bus = ? AND name = ?").get(bus, name);
  const requireRow = (input: JsonObject, member: string): Row => {
    const name = required(textOf(input, member), member);
    const bus = buses.of(textOf(input, "EventBusName"));
    const row = find(bus, name);
    if (row !== undefined) return row;
    throw new AwsError(
      "ResourceNotFoundException",
      `Rule ${name} does not exist on EventBus ${bus}.`,
    );
  };
  const nextDue = (schedule: string, since: number): number =>
    schedule === "" ? 0 : (parseScheduleExpression(schedule, since)(clock.now()) ?? 0);

  function putRule(input: JsonObject): object {
    const name = required(textOf(input, "Name"), "Name");
    if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) {
      throw new AwsError(
        "ValidationException",
        `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
      );
    }
    const bus = buses.of(textOf(input, "EventBusName"));
    const pattern = textOf(input, "EventPattern") ?? "";
    const schedule = textOf(input, "ScheduleExpression") ?? "";
    checkTimes(pattern, schedule, bus);
    const state = choiceOf(input, "State", STATES) ?? "ENABLED";
    const known = find(bus, name);
    const since = known === undefined ? clock.now() : number(known, "since");
    const arn = buses.ruleArn(bus, name);
    store.write(() => {
      store
        .prepare("INSERT OR REPLACE INTO events_rules VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .run(
          bus,
          name,
          pattern,
          schedule,
          state,
          textOf(input, "Description") ?? "",
          textOf(input, "RoleArn") ?? "",
          since,
          nextDue(schedule, since),
        );
      // As EventBridge: tags count when a rule is made; later there is TagResource.
      if (known === undefined) tags.set(arn, objectsOf(input, "Tags") ?? []);
    });
    return { RuleArn: arn };
  }

  function describe(row: Row): object {
    const optional = (member: string, column: string): object => {
      const value = text(row, column);
      return value === "" ? {} : { [member]: value };
    };
    return {
      Name: text(row, "name"),
      Arn: buses.ruleArn(text(row, "bus"), text(row, "name")),
      State: text(row, "state"),
      EventBusName: text(row, "bus"),
      ...optional("EventPattern", "pattern"),
      ...optional("ScheduleExpression", "schedule"),
      ...optional("Description", "description"),
      ...optional("RoleArn", "role"),
    };
  }

  function setState(input: JsonObject, state: (typeof STATES)[number]): undefined {
    const row = requireRow(input, "Name");
    store.write(() => {
      store
        .prepare("UPDATE events_rules SET state = ?, due = ? WHERE bus = ? AND name = ?")
        .run(
          state,
          nextDue(text(row, "schedule"), number(row, "since")),
          text(row, "bus"),
          text(row, "name"),
        );
    });
  }

  function deleteRule(input: JsonObject): undefined {
    const bus = buses.of(textOf(input, "EventBusName"));
    const name = required(textOf(input, "Name"), "Name");
    if (find(bus, name) === undefined) return;
    store.write(() => {
      if (store.prepare("SELECT 1 FROM events_targets WHERE bus = ? AND rule = ?").get(bus, name)) {
        throw new AwsError("ValidationException", "Rule can't be deleted since it has targets.");
      }
      store.prepare("DELETE FROM events_rules WHERE bus = ? AND name = ?").run(bus, name);
      tags.remove(buses.ruleArn(bus, name));
    });
  }

  function listRules(input: JsonObject): object {
    const bus = buses.of(textOf(input, "EventBusName"));
    const prefix = textOf(input, "NamePrefix") ?? "";
    const limit = integerOf(input, "Limit") ?? 100;
    const rows = store
      .prepare("SELECT * FROM events_rules WHERE bus = ? AND name > ? ORDER BY name")
      .all(bus, textOf(input, "NextToken") ?? "")
      .filter((row) => text(row, "name").startsWith(prefix));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const more = rows.length > page.length && last !== undefined;
    return { Rules: page.map(describe), ...(more ? { NextToken: text(last, "name") } : {}) };
  }

  return {
    operations: {
      PutRule: putRule,
      DescribeRule: (input) => describe(requireRow(input, "Name")),
      EnableRule: (input) => setState(input, "ENABLED"),
      DisableRule: (input) => setState(input, "DISABLED"),
      DeleteRule: deleteRule,
      ListRules: listRules,
    },
    require: (input, member) => read(requireRow(input, member)),
    withPattern: (bus) =>
      store
        .prepare(
          "SELECT * FROM events_rules WHERE bus = ? AND pattern <> '' AND state <> 'DISABLED'",
        )
        .all(bus)
        .map(read),
    due(now) {
      const rows = store
        .prepare("SELECT * FROM events_rules WHERE due > 0 AND due <= ? AND state <> 'DISABLED'")
        .all(now);
      for (const row of rows) {
        store
          .prepare("UPDATE events_rules SET due = ? WHERE bus = ? AND name = ?")
          .run(
            nextDue(text(row, "schedule"), number(row, "since")),
            text(row, "bus"),
            text(row, "name"),
          );
      }
      return rows.map(read);
    },
  };
}

function checkTimes(pattern: string, schedule: string, bus: string): void {
  if (pattern === "" && schedule === "") {
    throw new AwsError(
      "ValidationException",
      "Parameter(s) EventPattern or ScheduleExpression must be specified.",
    );
  }
  if (schedule !== "" && bus !== "default") {
    throw new AwsError(
      "ValidationException",
      "ScheduleExpression is supported only on the default event bus.",
    );
  }
  try {
    if (schedule !== "") parseScheduleExpression(schedule);
  } catch (error) {
    throw new AwsError("ValidationException", errorText(error));
  }
  try {
    if (pattern !== "") parseEventPattern(pattern);
  } catch (error) {
    throw new AwsError(
      "InvalidEventPatternException",
      `Event pattern is not valid. Reason: ${errorText(error)}`,
    );
  }
}
