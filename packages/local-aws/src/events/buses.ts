import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { required, textOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import { text } from "../store.ts";

/** Event buses and the ARNs of what is on them. */
export interface Buses {
  readonly operations: Readonly<Record<string, (input: JsonObject) => object | undefined>>;
  /** Name of a bus, given by name or ARN; the default bus when none is given. */
  of(given: string | undefined): string;
  ruleArn(bus: string, rule: string): string;
}

/** Makes the store of buses. */
export function createBuses({
  store,
  region,
  accountId,
}: Pick<EngineContext, "store" | "region" | "accountId">): Buses {
  store.exec("CREATE TABLE IF NOT EXISTS events_buses (name TEXT PRIMARY KEY) STRICT");
  const arnOf = (resource: string): string => `arn:aws:events:${region}:${accountId}:${resource}`;
  const exists = (name: string): boolean =>
    name === "default" ||
    store.prepare("SELECT 1 FROM events_buses WHERE name = ?").get(name) !== undefined;
  const of = (given: string | undefined): string => {
    const name = given?.replace(/^arn:.*:event-bus\//, "") ?? "default";
    if (exists(name)) return name;
    throw new AwsError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
  };
  const describe = (name: string): object => ({ Name: name, Arn: arnOf(`event-bus/${name}`) });

  return {
    operations: {
      CreateEventBus(input) {
        const name = required(textOf(input, "Name"), "Name");
        if (exists(name)) {
          throw new AwsError("ResourceAlreadyExistsException", `Event bus ${name} already exists.`);
        }
        store.write(() => store.prepare("INSERT INTO events_buses VALUES (?)").run(name));
        return { EventBusArn: arnOf(`event-bus/${name}`) };
      },
      DescribeEventBus: (input) => describe(of(textOf(input, "Name"))),
      DeleteEventBus(input) {
        const name = required(textOf(input, "Name"), "Name");
        if (name === "default") {
          throw new AwsError("ValidationException", "Cannot delete event bus default.");
        }
        store.write(() => store.prepare("DELETE FROM events_buses WHERE name = ?").run(name));
        return undefined;
      },
      ListEventBuses(input) {
        const names = store
          .prepare("SELECT name FROM events_buses ORDER BY name")
          .all()
          .map((row) => text(row, "name"));
        const prefix = textOf(input, "NamePrefix") ?? "";
        return {
          EventBuses: ["default", ...names].filter((name) => name.startsWith(prefix)).map(describe),
        };
      },
    },
    of,
    ruleArn: (bus, rule) => arnOf(`rule/${bus === "default" ? "" : `${bus}/`}${rule}`),
  };
}
