import type { Engine, EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { booleanOf, integerOf, objectsOf, required, textOf } from "../protocols/input.ts";
import { type JsonObject, jsonProtocol } from "../protocols/json.ts";
import { number, type Row, text } from "../store.ts";
import { parseFilterPattern } from "./filter-pattern.ts";

const PAGE = 10_000;

/** CloudWatch Logs: groups, streams, events, filters. */
export function createLogsEngine(context: EngineContext): Engine {
  const { store, clock, region, accountId, deliveries } = context;
  store.exec(
    `CREATE TABLE IF NOT EXISTS logs_groups (name TEXT PRIMARY KEY, created INTEGER NOT NULL, retention INTEGER) STRICT;
     CREATE TABLE IF NOT EXISTS logs_streams (
       grp TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (grp, name)
     ) STRICT;
     CREATE TABLE IF NOT EXISTS logs_events (
       id INTEGER PRIMARY KEY, grp TEXT NOT NULL, stream TEXT NOT NULL, time INTEGER NOT NULL,
       ingested INTEGER NOT NULL, message TEXT NOT NULL
     ) STRICT;
     CREATE INDEX IF NOT EXISTS logs_events_at ON logs_events (grp, stream, time, id)`,
  );
  const groupArn = (name: string): string =>
    `arn:aws:logs:${region}:${accountId}:log-group:${name}:*`;

  const groupOf = (input: JsonObject): string => {
    const name = required(textOf(input, "logGroupName"), "logGroupName");
    if (store.prepare("SELECT 1 FROM logs_groups WHERE name = ?").get(name) === undefined) {
      throw notFound("The specified log group does not exist.");
    }
    return name;
  };
  const streamOf = (input: JsonObject, group: string): string => {
    const name = required(textOf(input, "logStreamName"), "logStreamName");
    const row = store
      .prepare("SELECT 1 FROM logs_streams WHERE grp = ? AND name = ?")
      .get(group, name);
    if (row === undefined) throw notFound("The specified log stream does not exist.");
    return name;
  };

  function createLogGroup(input: JsonObject): undefined {
    const name = required(textOf(input, "logGroupName"), "logGroupName");
    if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(name)) throw invalid("Invalid log group name.");
    store.write(() => {
      const { changes } = store
        .prepare("INSERT OR IGNORE INTO logs_groups VALUES (?, ?, NULL)")
        .run(name, clock.now());
      if (changes === 0) throw exists("The specified log group already exists");
    });
  }

  function deleteLogGroup(input: JsonObject): undefined {
    const group = groupOf(input);
    store.write(() => {
      store.prepare("DELETE FROM logs_events WHERE grp = ?").run(group);
      store.prepare("DELETE FROM logs_streams WHERE grp = ?").run(group);
      store.prepare("DELETE FROM logs_groups WHERE name = ?").run(group);
    });
  }

  function createLogStream(input: JsonObject): undefined {
    const group = groupOf(input);
    const name = required(textOf(input, "logStreamName"), "logStreamName");
    store.write(() => {
      const { changes } = store
        .prepare("INSERT OR IGNORE INTO logs_streams VALUES (?, ?, ?)")
        .run(group, name, clock.now());
      if (changes === 0) throw exists("The specified log stream already exists");
    });
  }

  function putRetentionPolicy(input: JsonObject): undefined {
    const group = groupOf(input);
    const days = required(integerOf(input, "retentionInDays"), "retentionInDays");
    store.write(() => {
      store.prepare("UPDATE logs_groups SET retention = ? WHERE name = ?").run(days, group);
    });
  }

  function describeLogGroups(input: JsonObject): object {
    const prefix = textOf(input, "logGroupNamePrefix") ?? "";
    const rows = store.prepare("SELECT * FROM logs_groups ORDER BY name").all();
    return {
      logGroups: rows
        .filter((row) => text(row, "name").startsWith(prefix))
        .map((row) => ({
          logGroupName: text(row, "name"),
          creationTime: number(row, "created"),
          arn: groupArn(text(row, "name")),
          metricFilterCount: 0,
          ...(row["retention"] === null ? {} : { retentionInDays: row["retention"] }),
        })),
    };
  }

  function describeLogStreams(input: JsonObject): object {
    const group = groupOf(input);
    const prefix = textOf(input, "logStreamNamePrefix") ?? "";
    const rows = store
      .prepare(
        `SELECT s.name, s.created, min(e.time) AS first, max(e.time) AS last
         FROM logs_streams s LEFT JOIN logs_events e ON e.grp = s.grp AND e.stream = s.name
         WHERE s.grp = ? GROUP BY s.name ORDER BY s.name`,
      )
      .all(group);
    return {
      logStreams: rows
        .filter((row) => text(row, "name").startsWith(prefix))
        .map((row) => ({
          logStreamName: text(row, "name"),
          creationTime: number(row, "created"),
          arn: groupArn(group).replace(/\*$/, `log-stream:${text(row, "name")}`),
          ...(row["first"] === null
            ? {}
            : { firstEventTimestamp: row["first"], lastEventTimestamp: row["last"] }),
        })),
    };
  }

  function putLogEvents(input: JsonObject): object {
    const group = groupOf(input);
    const stream = streamOf(input, group);
    const events = (objectsOf(input, "logEvents") ?? []).map((event) => ({
      time: required(integerOf(event, "timestamp"), "timestamp"),
      message: required(textOf(event, "message"), "message"),
    }));
    if (events.length === 0)
      throw invalid("Log events in a single PutLogEvents request must not be empty.");
    if (events.some(({ time }, index) => time < (events[index - 1]?.time ?? time))) {
      throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
    }
    store.write(() => {
      const insert = store.prepare(
        "INSERT INTO logs_events (grp, stream, time, ingested, message) VALUES (?, ?, ?, ?, ?)",
      );
      for (const { time, message } of events) insert.run(group, stream, time, clock.now(), message);
    });
    return { nextSequenceToken: String(clock.now()) };
  }

  const eventsOf = (input: JsonObject, group: string, stream: string | null): Row[] =>
    store
      .prepare(
        `SELECT * FROM logs_events WHERE grp = ?1 AND (?2 IS NULL OR stream = ?2)
         AND time >= ?3 AND time < ?4 ORDER BY time, id`,
      )
      .all(
        group,
        stream,
        integerOf(input, "startTime") ?? 0,
        integerOf(input, "endTime") ?? Number.MAX_SAFE_INTEGER,
      );

  /** Pages are told apart by the number of events before them. */
  function getLogEvents(input: JsonObject): object {
    const group = groupOf(input);
    const rows = eventsOf(input, group, streamOf(input, group));
    const limit = Math.min(integerOf(input, "limit") ?? PAGE, PAGE);
    const token = /^([fb])\/(\d+)$/.exec(textOf(input, "nextToken") ?? "");
    const atHead = booleanOf(input, "startFromHead") === true;
    const at = Number(token?.[2] ?? (atHead ? 0 : Math.max(0, rows.length - limit)));
    const start = token?.[1] === "b" ? Math.max(0, at - limit) : at;
    const end = token?.[1] === "b" ? at : Math.min(rows.length, start + limit);
    return {
      events: rows.slice(start, end).map((row) => ({
        timestamp: number(row, "time"),
        message: text(row, "message"),
        ingestionTime: number(row, "ingested"),
      })),
      nextForwardToken: `f/${end}`,
      nextBackwardToken: `b/${start}`,
    };
  }

  function filterLogEvents(input: JsonObject): object {
    const group = groupOf(input);
    const passes = parseFilterPattern(textOf(input, "filterPattern") ?? "");
    const prefix = textOf(input, "logStreamNamePrefix") ?? "";
    const rows = eventsOf(input, group, null).filter(
      (row) => text(row, "stream").startsWith(prefix) && passes(text(row, "message")),
    );
    const limit = Math.min(integerOf(input, "limit") ?? PAGE, PAGE);
    const start = Number(textOf(input, "nextToken") ?? 0);
    return {
      events: rows.slice(start, start + limit).map((row) => ({
        eventId: String(number(row, "id")),
        logStreamName: text(row, "stream"),
        timestamp: number(row, "time"),
        message: text(row, "message"),
        ingestionTime: number(row, "ingested"),
      })),
      searchedLogStreams: [],
      ...(rows.length > start + limit ? { nextToken: String(start + limit) } : {}),
    };
  }

  // Lines of functions, to `...:log-group:NAME:log-stream:STREAM`; events of rules, to a group that is there.
  deliveries.register("logs", ({ target, body }) => {
    const [group = "", stream] = target.replace(/^.*:log-group:/, "").split(":log-stream:");
    const name = group.replace(/:\*$/, "");
    const known = store.prepare("SELECT 1 FROM logs_groups WHERE name = ?").get(name);
    if (known === undefined && stream === undefined) {
      throw notFound("The specified log group does not exist.");
    }
    store.write(() => {
      const now = clock.now();
      store.prepare("INSERT OR IGNORE INTO logs_groups VALUES (?, ?, NULL)").run(name, now);
      store
        .prepare("INSERT OR IGNORE INTO logs_streams VALUES (?, ?, ?)")
        .run(name, stream ?? "events", now);
      const insert = store.prepare(
        "INSERT INTO logs_events (grp, stream, time, ingested, message) VALUES (?, ?, ?, ?, ?)",
      );
      const lines = stream === undefined ? [body] : body.split("\n");
      for (const line of lines)
        if (line !== "") insert.run(name, stream ?? "events", now, now, line);
    });
  });

  return {
    services: ["logs"],
    handle: jsonProtocol({
      version: "1.1",
      operations: {
        CreateLogGroup: createLogGroup,
        CreateLogStream: createLogStream,
        DeleteLogGroup: deleteLogGroup,
        DescribeLogGroups: describeLogGroups,
        DescribeLogStreams: describeLogStreams,
        FilterLogEvents: filterLogEvents,
        GetLogEvents: getLogEvents,
        PutLogEvents: putLogEvents,
        PutRetentionPolicy: putRetentionPolicy,
      },
    }),
  };
}

const invalid = (message: string): AwsError => new AwsError("InvalidParameterException", message);
const notFound = (message: string): AwsError => new AwsError("ResourceNotFoundException", message);
const exists = (message: string): AwsError =>
  new AwsError("ResourceAlreadyExistsException", message);
