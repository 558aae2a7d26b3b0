import { AwsError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../protocols/json.ts";

/** One value, or a set of values, of a metric. */
export interface Datum {
  readonly name: string;
  /** Dimensions as JSON, sorted by name: what tells metrics of one name apart. */
  readonly dimensions: string;
  readonly unit: string;
  /** Milliseconds. */
  readonly time: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

const UNITS = new Set(
  "Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second None".split(
    " ",
  ),
);
const TWO_WEEKS = 14 * 86_400_000;
const TWO_HOURS = 2 * 3_600_000;

/** Reads the data of PutMetricData; both protocols give the same shape, numbers as text in one of them. */
export function parseMetricData(input: JsonObject, now: number): Datum[] {
  const data = listOf(input["MetricData"]);
  if (data.length === 0) throw missing("MetricData");
  if (data.length > 1000) {
    throw invalid("The collection MetricData must not have a size greater than 1000.");
  }
  return data.map((item, index) => parseDatum(item, `MetricData.member.${index + 1}`, now));
}

function parseDatum(item: JsonObject, path: string, now: number): Datum {
  const name = item["MetricName"];
  if (typeof name !== "string" || name === "") throw missing(`${path}.MetricName`);
  const unit = item["Unit"] ?? "None";
  if (typeof unit !== "string" || !UNITS.has(unit)) {
    throw invalid(
      `The parameter ${path}.Unit must be a value in the set [ ${[...UNITS].join(", ")} ].`,
    );
  }
  const time = item["Timestamp"] === undefined ? now : parseTime(item["Timestamp"]);
  if (time < now - TWO_WEEKS) {
    throw invalid(
      `The parameter ${path}.Timestamp must specify a time no more than two weeks in the past.`,
    );
  }
  if (time > now + TWO_HOURS) {
    throw invalid(`The parameter ${path}.Timestamp must specify a time within the next two hours.`);
  }
  return {
    name,
    dimensions: JSON.stringify(parseDimensions(item["Dimensions"], `${path}.Dimensions`)),
    unit,
    time,
    ...parseValues(item, path),
  };
}

function parseValues(item: JsonObject, path: string): Pick<Datum, "count" | "sum" | "min" | "max"> {
  const number = (value: unknown, name: string): number => {
    const result = Number(value);
    if (value === undefined || value === "" || !Number.isFinite(result)) {
      throw invalid(`The value ${String(value)} for parameter ${path}.${name} is invalid.`);
    }
    return result;
  };
  const set = item["StatisticValues"];
  if (isJsonObject(set)) {
    const of = (name: string): number => number(set[name], `StatisticValues.${name}`);
    return { count: of("SampleCount"), sum: of("Sum"), min: of("Minimum"), max: of("Maximum") };
  }
  if (Array.isArray(item["Values"])) {
    const values = item["Values"].map((value) => number(value, "Values"));
    const counts: unknown = item["Counts"];
    const weights = values.map((_, index) =>
      Array.isArray(counts) ? number(counts[index], "Counts") : 1,
    );
    return {
      count: weights.reduce((sum, weight) => sum + weight, 0),
      sum: values.reduce((sum, value, index) => sum + value * (weights[index] ?? 1), 0),
      min: Math.min(...values),
      max: Math.max(...values),
    };
  }
  if (item["Value"] === undefined) {
    throw new AwsError(
      "MissingParameter",
      `At least one of the parameters ${path}.Value, ${path}.Values or ${path}.StatisticValues must be specified.`,
    );
  }
  const value = number(item["Value"], "Value");
  return { count: 1, sum: value, min: value, max: value };
}

/** Dimensions as pairs, sorted by name. */
export function parseDimensions(given: unknown, path: string): [string, string][] {
  const pairs = listOf(given).map((item): [string, string] => {
    const { Name: name, Value: value } = item;
    if (typeof name !== "string" || name === "" || typeof value !== "string" || value === "") {
      throw invalid(`The parameter ${path} must have members with a Name and a Value.`);
    }
    return [name, value];
  });
  if (pairs.length > 30)
    throw invalid(`The collection ${path} must not have a size greater than 30.`);
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Milliseconds of a timestamp: seconds since the epoch, or ISO text. */
export function parseTime(value: unknown): number {
  const seconds = Number(value);
  const time = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(value));
  if (Number.isNaN(time)) throw invalid(`timestamp ${String(value)} is invalid`);
  return time;
}

/** The objects of a list; none when it is absent. */
export function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The answer to a value that cannot be used. */
export function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message, {
    queryCode: "InvalidParameterValue",
  });
}

/** The answer to a value that is not there. */
export function missing(name: string): AwsError {
  return new AwsError("MissingParameter", `The parameter ${name} is required.`);
}
