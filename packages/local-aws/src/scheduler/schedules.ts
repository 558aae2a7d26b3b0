import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { objectOf, textOf } from "../protocols/input.ts";
import { isJsonObject, type JsonObject } from "../protocols/json.ts";
import { number, type Row, text } from "../store.ts";
import type { Groups } from "./groups.ts";
import { validation } from "./validation.ts";
import { parseZonedExpression } from "./zoned-expression.ts";

/** A schedule whose time has come. */
export interface DueSchedule {
  readonly arn: string;
  readonly target: JsonObject;
}

/** Schedules of all groups. */
export interface Schedules {
  create(name: string, input: JsonObject): object;
  update(name: string, input: JsonObject): object;
  get(group: string, name: string): object;
  list(query: URLSearchParams): object;
  remove(group: string, name: string): void;
  /** Deletes a group with its schedules. */
  removeGroup(name: string): void;
  /** Enabled schedules that are due; their next time is set, those that are over are deleted where they say so. */
  takeDue(now: number): DueSchedule[];
}

/** Members that a schedule is described by, in the order of the API. */
const MEMBERS = [
  "ActionAfterCompletion",
  "Description",
  "EndDate",
  "FlexibleTimeWindow",
  "KmsKeyArn",
  "ScheduleExpression",
  "ScheduleExpressionTimezone",
  "StartDate",
  "State",
  "Target",
] as const;

/** Makes the store of schedules. */
export function createSchedules(
  { store, clock, region, accountId }: EngineContext,
  groups: Groups,
): Schedules {
  store.exec(
    `CREATE TABLE IF NOT EXISTS scheduler_schedules (
       grp TEXT NOT NULL, name TEXT NOT NULL, input TEXT NOT NULL, created INTEGER NOT NULL,
       modified INTEGER NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (grp, name)
     ) STRICT`,
  );
  const arnOf = (group: string, name: string): string =>
    `arn:aws:scheduler:${region}:${accountId}:schedule/${group}/${name}`;
  const find = (group: string, name: string): Row | undefined =>
    store.prepare("SELECT * FROM scheduler_schedules WHERE grp = ? AND name = ?").get(group, name);
  const requireRow = (group: string, name: string): Row => {
    groups.require(group);
    const row = find(group, name);
    if (row !== undefined) return row;
    throw new AwsError("ResourceNotFoundException", `Schedule ${name} does not exist.`, {
      status: 404,
    });
  };
  const inputOf = (row: Row): JsonObject => {
    const input: unknown = JSON.parse(text(row, "input"));
    return isJsonObject(input) ? input : {};
  };

  function nextDue(input: JsonObject, created: number, after: number): number {
    if (input["State"] === "DISABLED") return 0;
    const expression = textOf(input, "ScheduleExpression") ?? "";
    const zone = textOf(input, "ScheduleExpressionTimezone") ?? "UTC";
    const start = dateOf(input["StartDate"]);
    const next = parseZonedExpression(expression, zone, start ?? created);
    const due = next(Math.max(after, (start ?? 0) - 1));
    const end = dateOf(input["EndDate"]);
    return due === undefined || (end !== undefined && due > end) ? 0 : due;
  }

  function save(name: string, group: string, input: JsonObject, created: number): object {
    const now = clock.now();
    check(name, input, now);
    const due = nextDue(input, created, now);
    const kept = Object.fromEntries(
      Object.entries({
        ActionAfterCompletion: "NONE",
        ScheduleExpressionTimezone: "UTC",
        State: "ENABLED",
        ...input,
      }).filter(([member]) => MEMBERS.some((one) => one === member)),
    );
    store.write(() => {
      store
        .prepare("INSERT OR REPLACE INTO scheduler_schedules VALUES (?, ?, ?, ?, ?, ?)")
        .run(group, name, JSON.stringify(kept), created, now, due);
    });
    return { ScheduleArn: arnOf(group, name) };
  }

  return {
    create(name, input) {
      const group = textOf(input, "GroupName") ?? "default";
      groups.require(group);
      if (find(group, name) !== undefined) {
        throw new AwsError("ConflictException", `Schedule ${name} already exists.`, {
          status: 409,
        });
      }
      return save(name, group, input, clock.now());
    },
    update(name, input) {
      const group = textOf(input, "GroupName") ?? "default";
      return save(name, group, input, number(requireRow(group, name), "created"));
    },
    get(group, name) {
      const row = requireRow(group, name);
      return {
        Arn: arnOf(group, name),
        CreationDate: number(row, "created") / 1000,
        GroupName: group,
        LastModificationDate: number(row, "modified") / 1000,
        Name: name,
        ...inputOf(row),
      };
    },
    list(query) {
      const group = query.get("ScheduleGroup");
      if (group !== null) groups.require(group);
      const prefix = query.get("NamePrefix") ?? "";
      const state = query.get("State");
      const limit = Number(query.get("MaxResults") ?? 100);
      const start = query.get("NextToken") ?? "";
      const rows = store
        .prepare("SELECT * FROM scheduler_schedules ORDER BY grp, name")
        .all()
        .filter(
          (row) =>
            (group === null || text(row, "grp") === group) &&
            text(row, "name").startsWith(prefix) &&
            (state === null || inputOf(row)["State"] === state) &&
            `${text(row, "grp")}/${text(row, "name")}` > start,
        );
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        Schedules: page.map((row) => ({
          Arn: arnOf(text(row, "grp"), text(row, "name")),
          CreationDate: number(row, "created") / 1000,
          GroupName: text(row, "grp"),
          LastModificationDate: number(row, "modified") / 1000,
          Name: text(row, "name"),
          State: inputOf(row)["State"],
          Target: { Arn: textOf(objectOf(inputOf(row), "Target") ?? {}, "Arn") },
        })),
        ...(rows.length > page.length && last !== undefined
          ? { NextToken: `${text(last, "grp")}/${text(last, "name")}` }
          : {}),
      };
    },
    remove(group, name) {
      requireRow(group, name);
      store.write(() => {
        store
          .prepare("DELETE FROM scheduler_schedules WHERE grp = ? AND name = ?")
          .run(group, name);
      });
    },
    removeGroup(name) {
      store.write(() => {
        groups.remove(name);
        store.prepare("DELETE FROM scheduler_schedules WHERE grp = ?").run(name);
      });
    },
    takeDue: (now) =>
      store.write(() =>
        store
          .prepare("SELECT * FROM scheduler_schedules WHERE due > 0 AND due <= ?")
          .all(now)
          .map((row) => {
            const [group, name, input] = [text(row, "grp"), text(row, "name"), inputOf(row)];
            const due = nextDue(input, number(row, "created"), now);
            if (due === 0 && input["ActionAfterCompletion"] === "DELETE") {
              store
                .prepare("DELETE FROM scheduler_schedules WHERE grp = ? AND name = ?")
                .run(group, name);
            } else {
              store
                .prepare("UPDATE scheduler_schedules SET due = ? WHERE grp = ? AND name = ?")
                .run(due, group, name);
            }
            return { arn: arnOf(group, name), target: targetOf(input, arnOf(group, name), row) };
          }),
      ),
  };
}

/** The target with the words of its input that stand for facts of the call. */
function targetOf(input: JsonObject, arn: string, row: Row): JsonObject {
  const target = objectOf(input, "Target") ?? {};
  const time = `${new Date(number(row, "due")).toISOString().slice(0, 19)}Z`;
  const text = textOf(target, "Input");
  if (text === undefined) return target;
  return {
    ...target,
    Input: text
      .replaceAll("<aws.scheduler.scheduled-time>", time)
      .replaceAll("<aws.scheduler.schedule-arn>", arn)
      .replaceAll("<aws.scheduler.attempt-number>", "1"),
  };
}

/** The service takes a beginning that is younger than this, in ms. */
const BEGUN_MS = 300_000;

function check(name: string, input: JsonObject, now: number): void {
  if (!/^[0-9a-zA-Z-_.]{1,64}$/.test(name)) throw validation("name", name);
  const expression = textOf(input, "ScheduleExpression") ?? "";
  const zone = textOf(input, "ScheduleExpressionTimezone") ?? "UTC";
  try {
    parseZonedExpression(expression, zone, 0);
  } catch (error) {
    if (error instanceof RangeError) throw validation("scheduleExpressionTimezone", zone);
    throw new AwsError("ValidationException", `Invalid Schedule Expression ${expression}.`);
  }
  const window = objectOf(input, "FlexibleTimeWindow") ?? {};
  const mode = textOf(window, "Mode");
  const minutes = window["MaximumWindowInMinutes"];
  const isFlexible = mode === "FLEXIBLE" && typeof minutes === "number";
  if (!(mode === "OFF" && minutes === undefined) && !isFlexible) {
    throw validation("flexibleTimeWindow", JSON.stringify(window));
  }
  if (isFlexible && !(minutes >= 1 && minutes <= 1440)) {
    throw validation("flexibleTimeWindow.maximumWindowInMinutes", String(minutes));
  }
  const target = objectOf(input, "Target") ?? {};
  for (const member of ["Arn", "RoleArn"]) {
    const arn = textOf(target, member) ?? "";
    if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+/.test(arn)) throw validation(`target.${member}`, arn);
  }
  const [start, end] = [dateOf(input["StartDate"]), dateOf(input["EndDate"])];
  if (start !== undefined && end !== undefined && start >= end) {
    throw new AwsError("ValidationException", "The StartDate must be before the EndDate.");
  }
  if (start !== undefined && start < now - BEGUN_MS) {
    throw new AwsError(
      "ValidationException",
      "The StartDate you specify cannot be earlier than 5 minutes ago.",
    );
  }
  if (end !== undefined && end <= now) {
    throw new AwsError("ValidationException", "The EndDate you specify must be in the future.");
  }
}

/** A time as the API has it: seconds since the epoch. */
function dateOf(value: unknown): number | undefined {
  if (typeof value === "number") return value * 1000;
  return typeof value === "string" ? Date.parse(value) : undefined;
}
