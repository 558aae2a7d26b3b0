import { expect, test } from "vitest";
import { realmsTableDefinition, tableDefinitions } from "./tables.ts";

const tables = tableDefinitions("dev");
const table = (name: string) => tables.find((item) => item.name === `lava.dev.${name}`);

test("a realm has five tables with the keys of the original (WF-030..035)", () => {
  expect(Object.fromEntries(tables.map(({ name, key }) => [name, key]))).toEqual({
    "lava.dev.jobs": { partition: "job_id" },
    "lava.dev.connections": { partition: "conn_id" },
    "lava.dev.events": { partition: "job_id", sort: "run_id" },
    "lava.dev.s3triggers": { partition: "trigger_id" },
    "lava.dev.state": { partition: "state_id" },
  });
  expect(realmsTableDefinition).toMatchObject({
    name: "lava.realms",
    key: { partition: "realm" },
    pointInTimeRecovery: true,
  });
});

test("indexes, time to live and recovery are those of the original", () => {
  expect(table("jobs")?.globalIndexes).toEqual([
    {
      name: "dispatcher-index",
      partition: "dispatcher",
      sort: "job_id",
      projection: ["worker", "schedule"],
    },
  ]);
  expect(table("events")?.localIndexes).toEqual([
    { name: "job_id-tu_event-index", partition: "job_id", sort: "tu_event", projection: "ALL" },
  ]);
  expect(table("s3triggers")?.globalIndexes).toEqual([
    { name: "s3trigger-index", partition: "bucket", sort: "prefix", projection: "ALL" },
  ]);
  expect(tables.filter((item) => item.ttlAttribute === "ttl").map(({ name }) => name)).toEqual([
    "lava.dev.events",
    "lava.dev.state",
  ]);
  expect(tables.filter((item) => !item.pointInTimeRecovery).map(({ name }) => name)).toEqual([
    "lava.dev.events",
  ]);
});

test("attributes are exactly those that some key uses, as DynamoDB demands", () => {
  for (const { attributes, key, globalIndexes, localIndexes } of [
    ...tables,
    realmsTableDefinition,
  ]) {
    const used = [key, ...globalIndexes, ...localIndexes].flatMap(({ partition, sort }) =>
      sort === undefined ? [partition] : [partition, sort],
    );
    expect(Object.keys(attributes).sort()).toEqual([...new Set(used)].sort());
  }
});
