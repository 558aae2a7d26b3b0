import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { number, type Row, text } from "../store.ts";
import { validation } from "./validation.ts";

/** Groups of schedules; `default` is always there. */
export interface Groups {
  create(name: string): object;
  get(name: string): object;
  list(query: URLSearchParams): object;
  /** @throws {AwsError} ResourceNotFoundException */
  require(name: string): void;
  remove(name: string): void;
}

/** Makes the store of groups. */
export function createGroups({ store, clock, region, accountId }: EngineContext): Groups {
  store.exec(
    `CREATE TABLE IF NOT EXISTS scheduler_groups (
       name TEXT PRIMARY KEY, created INTEGER NOT NULL
     ) STRICT`,
  );
  store.prepare("INSERT OR IGNORE INTO scheduler_groups VALUES ('default', ?)").run(clock.now());
  const arnOf = (name: string): string =>
    `arn:aws:scheduler:${region}:${accountId}:schedule-group/${name}`;
  const find = (name: string): Row | undefined =>
    store.prepare("SELECT * FROM scheduler_groups WHERE name = ?").get(name);
  const describe = (row: Row): object => ({
    Arn: arnOf(text(row, "name")),
    Name: text(row, "name"),
    State: "ACTIVE",
    CreationDate: number(row, "created") / 1000,
    LastModificationDate: number(row, "created") / 1000,
  });
  const missing = (name: string): AwsError =>
    new AwsError("ResourceNotFoundException", `Schedule group ${name} does not exist.`, {
      status: 404,
    });
  return {
    create(name) {
      if (!/^[0-9a-zA-Z-_.]{1,64}$/.test(name)) throw validation("name", name);
      if (find(name) !== undefined) {
        throw new AwsError("ConflictException", `Schedule group ${name} already exists.`, {
          status: 409,
        });
      }
      store.write(() => {
        store.prepare("INSERT INTO scheduler_groups VALUES (?, ?)").run(name, clock.now());
      });
      return { ScheduleGroupArn: arnOf(name) };
    },
    get(name) {
      const row = find(name);
      if (row === undefined) throw missing(name);
      return describe(row);
    },
    list(query) {
      const prefix = query.get("NamePrefix") ?? "";
      const rows = store
        .prepare("SELECT * FROM scheduler_groups ORDER BY name")
        .all()
        .filter((row) => text(row, "name").startsWith(prefix));
      return { ScheduleGroups: rows.map(describe) };
    },
    require(name) {
      if (find(name) === undefined) throw missing(name);
    },
    remove(name) {
      if (find(name) === undefined) throw missing(name);
      if (name === "default") throw validation("name", name);
      store.prepare("DELETE FROM scheduler_groups WHERE name = ?").run(name);
    },
  };
}
