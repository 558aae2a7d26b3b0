import type { EngineContext } from "../engine.ts";
import type { JsonObject } from "../protocols/json.ts";
import { number, type Row, text } from "../store.ts";
import {
  invalid,
  listOf,
  missing,
  parseDimensions,
  parseMetricData,
  parseTime,
} from "./metric-data.ts";

/** What an operation gives: times are Dates, so that each protocol writes them its own way. */
export type MetricsResult = { readonly [name: string]: MetricsValue };

/** A value in a result. */
export type MetricsValue =
  | string
  | number
  | Date
  | undefined
  | readonly MetricsValue[]
  | { readonly [name: string]: MetricsValue };

/** One operation of CloudWatch. */
export type MetricsOperation = (input: JsonObject) => MetricsResult;

const KEEP_MS = 15 * 86_400_000;

/** Metrics: put, listed, and asked for statistics. */
export function metricsOperations(
  context: EngineContext,
): Readonly<Record<string, MetricsOperation>> {
  const { store, clock, background } = context;
  store.exec(
    `CREATE TABLE IF NOT EXISTS cw_data (
       namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL, unit TEXT NOT NULL,
       time INTEGER NOT NULL, count REAL NOT NULL, sum REAL NOT NULL, min REAL NOT NULL, max REAL NOT NULL
     ) STRICT;
     CREATE INDEX IF NOT EXISTS cw_data_metric ON cw_data (namespace, name, dimensions, time)`,
  );
  background("cloudwatch retention", 3_600_000, () => {
    store.write(() => {
      store.prepare("DELETE FROM cw_data WHERE time < ?").run(clock.now() - KEEP_MS);
    });
  });

  const putMetricData = (input: JsonObject): MetricsResult => {
    const namespace = required(input, "Namespace");
    if (namespace.startsWith("AWS/") || namespace.startsWith(":")) {
      throw invalid(`The value ${namespace} for parameter Namespace is invalid.`);
    }
    const data = parseMetricData(input, clock.now());
    store.write(() => {
      const insert = store.prepare("INSERT INTO cw_data VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
      for (const d of data) {
        insert.run(namespace, d.name, d.dimensions, d.unit, d.time, d.count, d.sum, d.min, d.max);
      }
    });
    return {};
  };

  const listMetrics = (input: JsonObject): MetricsResult => {
    const wanted = listOf(input["Dimensions"]);
    const rows = store
      .prepare(
        `SELECT DISTINCT namespace, name, dimensions FROM cw_data
         WHERE (?1 IS NULL OR namespace = ?1) AND (?2 IS NULL OR name = ?2)
         ORDER BY namespace, name, dimensions`,
      )
      .all(optional(input, "Namespace") ?? null, optional(input, "MetricName") ?? null);
    const metrics = rows.filter((row) => {
      const own = dimensionsOf(row);
      return wanted.every(({ Name, Value }) =>
        own.some(([name, value]) => name === Name && (Value === undefined || value === Value)),
      );
    });
    return {
      Metrics: metrics.map((row) => ({
        Namespace: text(row, "namespace"),
        MetricName: text(row, "name"),
        Dimensions: dimensionsOf(row).map(([Name, Value]) => ({ Name, Value })),
      })),
    };
  };

  const query = (metric: JsonObject, from: unknown, to: unknown, period: number): Row[] =>
    store
      .prepare(
        `SELECT CAST(time / ?6 AS INTEGER) * ?6 AS at, sum(count) AS count, sum(sum) AS sum,
                min(min) AS min, max(max) AS max, max(unit) AS unit
         FROM cw_data
         WHERE namespace = ?1 AND name = ?2 AND dimensions = ?3 AND time >= ?4 AND time < ?5
         GROUP BY at ORDER BY at`,
      )
      .all(
        required(metric, "Namespace"),
        required(metric, "MetricName"),
        JSON.stringify(parseDimensions(metric["Dimensions"], "Dimensions")),
        parseTime(from ?? missingValue("StartTime")),
        parseTime(to ?? missingValue("EndTime")),
        period * 1000,
      );

  const getMetricStatistics = (input: JsonObject): MetricsResult => {
    const period = periodOf(input);
    const statistics = Array.isArray(input["Statistics"]) ? input["Statistics"].map(String) : [];
    if (statistics.length === 0) throw missing("Statistics");
    const rows = query(input, input["StartTime"], input["EndTime"], period);
    return {
      Label: required(input, "MetricName"),
      Datapoints: rows.map((row) => ({
        Timestamp: new Date(number(row, "at")),
        ...Object.fromEntries(statistics.map((name) => [name, statistic(row, name)])),
        Unit: text(row, "unit"),
      })),
    };
  };

  const getMetricData = (input: JsonObject): MetricsResult => ({
    MetricDataResults: listOf(input["MetricDataQueries"]).map((wanted) => {
      const { MetricStat: stat } = wanted;
      if (typeof stat !== "object" || stat === null) {
        throw invalid("Only queries with a MetricStat are known here.");
      }
      const { Metric: metric, Period, Stat } = { ...stat } as JsonObject;
      const rows = query(
        listOf([metric])[0] ?? {},
        input["StartTime"],
        input["EndTime"],
        periodOf({ Period }),
      ).toReversed();
      return {
        Id: required(wanted, "Id"),
        Label: optional(wanted, "Label") ?? required(listOf([metric])[0] ?? {}, "MetricName"),
        StatusCode: "Complete",
        Timestamps: rows.map((row) => new Date(number(row, "at"))),
        Values: rows.map((row) => statistic(row, String(Stat))),
      };
    }),
  });

  return {
    PutMetricData: putMetricData,
    ListMetrics: listMetrics,
    GetMetricStatistics: getMetricStatistics,
    GetMetricData: getMetricData,
  };
}

function statistic(row: Row, name: string): number {
  const [count, sum] = [number(row, "count"), number(row, "sum")];
  switch (name) {
    case "SampleCount":
      return count;
    case "Sum":
      return sum;
    case "Average":
      return sum / count;
    case "Minimum":
      return number(row, "min");
    case "Maximum":
      return number(row, "max");
    default:
      throw invalid(`The statistic ${name} is not known here.`);
  }
}

function dimensionsOf(row: Row): [string, string][] {
  const pairs: [string, string][] = JSON.parse(text(row, "dimensions"));
  return pairs;
}

function periodOf(input: JsonObject): number {
  const period = Number(input["Period"]);
  if (period >= 1 && Number.isInteger(period)) return period;
  throw invalid(`The value ${String(input["Period"])} for parameter Period is invalid.`);
}

function required(input: JsonObject, name: string): string {
  const value = optional(input, name);
  if (value === undefined || value === "") throw missing(name);
  return value;
}

function optional(input: JsonObject, name: string): string | undefined {
  const value = input[name];
  return typeof value === "string" ? value : undefined;
}

function missingValue(name: string): never {
  throw missing(name);
}
