import { randomUUID } from "node:crypto";
import { AwsError } from "../errors.ts";
import { booleanOf, integerOf, objectOf, required, textOf } from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import { parseDefinition } from "./parse-definition.ts";
import type { Resources } from "./resources.ts";
import type { IndexDefinition, Table, Throughput } from "./table.ts";
import { tableName } from "./tables.ts";
import { invalid } from "./values.ts";

/** CreateTable: the table is active at once. */
export function createTable(resources: Resources, input: JsonObject): object {
  const { context, tables } = resources;
  const definition = parseDefinition(input, {
    TableId: randomUUID(),
    CreationDateTime: context.clock.now() / 1000,
  });
  if (tables.find(definition.TableName) !== undefined) {
    throw new AwsError("ResourceInUseException", `Table already exists: ${definition.TableName}`);
  }
  const table = context.store.write(() => tables.create(definition));
  return { TableDescription: describe(resources, table) };
}

/** DescribeTable. */
export function describeTable(resources: Resources, input: JsonObject): object {
  return { Table: describe(resources, namedTable(resources, input)) };
}

/** DeleteTable. */
export function deleteTable(resources: Resources, input: JsonObject): object {
  const { context, items, tables } = resources;
  const table = namedTable(resources, input);
  if (table.definition.DeletionProtectionEnabled) {
    throw invalid(
      `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
    );
  }
  const description = { ...describe(resources, table), TableStatus: "DELETING" };
  context.store.write(() => {
    items.removeAll(table);
    tables.remove(table);
  });
  return { TableDescription: description };
}

/** ListTables. */
export function listTables(resources: Resources, input: JsonObject): object {
  const limit = integerOf(input, "Limit") ?? 100;
  if (limit < 1 || limit > 100) {
    throw invalid(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100`,
    );
  }
  const start = textOf(input, "ExclusiveStartTableName");
  const names = resources.tables
    .list()
    .map(({ name }) => name)
    .filter((name) => start === undefined || name > start);
  const page = names.slice(0, limit);
  const last = page.at(-1);
  return {
    TableNames: page,
    ...(names.length > limit && last !== undefined ? { LastEvaluatedTableName: last } : {}),
  };
}

/** UpdateTimeToLive. */
export function updateTimeToLive(resources: Resources, input: JsonObject): object {
  const { context, items, tables } = resources;
  const table = namedTable(resources, input);
  const specification = required(
    objectOf(input, "TimeToLiveSpecification"),
    "TimeToLiveSpecification",
  );
  const enabled = required(booleanOf(specification, "Enabled"), "Enabled");
  const attribute = required(textOf(specification, "AttributeName"), "AttributeName");
  if (enabled === (table.ttlAttribute !== undefined)) {
    throw invalid(`TimeToLive is already ${enabled ? "enabled" : "disabled"}`);
  }
  if (!enabled && attribute !== table.ttlAttribute) {
    throw invalid(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${table.ttlAttribute}`,
    );
  }
  context.store.write(() => {
    tables.setTtl(table, enabled ? attribute : undefined);
    items.setExpiries(tables.get(table.name));
  });
  return { TimeToLiveSpecification: { Enabled: enabled, AttributeName: attribute } };
}

/** DescribeTimeToLive. */
export function describeTimeToLive(resources: Resources, input: JsonObject): object {
  const { ttlAttribute } = namedTable(resources, input);
  return {
    TimeToLiveDescription:
      ttlAttribute === undefined
        ? { TimeToLiveStatus: "DISABLED" }
        : { TimeToLiveStatus: "ENABLED", AttributeName: ttlAttribute },
  };
}

/** UpdateContinuousBackups: the setting is kept; there is nothing to restore from. */
export function updateContinuousBackups(resources: Resources, input: JsonObject): object {
  const table = backedUpTable(resources, input);
  const specification = required(
    objectOf(input, "PointInTimeRecoverySpecification"),
    "PointInTimeRecoverySpecification",
  );
  const enabled = required(
    booleanOf(specification, "PointInTimeRecoveryEnabled"),
    "PointInTimeRecoveryEnabled",
  );
  resources.context.store.write(() => resources.tables.setPointInTimeRecovery(table, enabled));
  return describeBackups(resources, enabled);
}

/** DescribeContinuousBackups. */
export function describeContinuousBackups(resources: Resources, input: JsonObject): object {
  return describeBackups(resources, backedUpTable(resources, input).pointInTimeRecovery);
}

function describeBackups({ context }: Resources, enabled: boolean): object {
  const now = context.clock.now() / 1000;
  const window = enabled
    ? {
        RecoveryPeriodInDays: 35,
        EarliestRestorableDateTime: now,
        LatestRestorableDateTime: now,
      }
    : {};
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: {
        PointInTimeRecoveryStatus: enabled ? "ENABLED" : "DISABLED",
        ...window,
      },
    },
  };
}

function namedTable({ tables }: Resources, input: JsonObject): Table {
  const name = tableName(required(textOf(input, "TableName"), "TableName"));
  const table = tables.find(name);
  if (table === undefined) {
    throw new AwsError(
      "ResourceNotFoundException",
      `Requested resource not found: Table: ${name} not found`,
    );
  }
  return table;
}

function backedUpTable({ tables }: Resources, input: JsonObject): Table {
  const name = tableName(required(textOf(input, "TableName"), "TableName"));
  const table = tables.find(name);
  if (table === undefined) {
    throw new AwsError("TableNotFoundException", `Table not found: ${name}`);
  }
  return table;
}

function describe({ context, items }: Resources, table: Table): object {
  const { BillingMode: billing, ...definition } = table.definition;
  const { count, size } = items.totals(table);
  const arn = `arn:aws:dynamodb:${context.region}:${context.accountId}:table/${table.name}`;
  const describeIndex = (index: IndexDefinition, global: boolean) => ({
    IndexName: index.IndexName,
    KeySchema: index.KeySchema,
    Projection: index.Projection,
    IndexArn: `${arn}/index/${index.IndexName}`,
    IndexSizeBytes: 0,
    ItemCount: 0,
    ...(global
      ? { IndexStatus: "ACTIVE", ProvisionedThroughput: throughput(index.ProvisionedThroughput) }
      : {}),
  });
  const globals = definition.GlobalSecondaryIndexes.map((index) => describeIndex(index, true));
  const locals = definition.LocalSecondaryIndexes.map((index) => describeIndex(index, false));
  return {
    TableName: table.name,
    TableArn: arn,
    TableId: definition.TableId,
    TableStatus: "ACTIVE",
    CreationDateTime: definition.CreationDateTime,
    AttributeDefinitions: definition.AttributeDefinitions,
    KeySchema: definition.KeySchema,
    ProvisionedThroughput: throughput(definition.ProvisionedThroughput),
    ...(billing === "PAY_PER_REQUEST" ? { BillingModeSummary: { BillingMode: billing } } : {}),
    ...(globals.length > 0 ? { GlobalSecondaryIndexes: globals } : {}),
    ...(locals.length > 0 ? { LocalSecondaryIndexes: locals } : {}),
    DeletionProtectionEnabled: definition.DeletionProtectionEnabled,
    ItemCount: count,
    TableSizeBytes: size,
  };
}

function throughput(units: Throughput): object {
  return { NumberOfDecreasesToday: 0, ...units };
}
