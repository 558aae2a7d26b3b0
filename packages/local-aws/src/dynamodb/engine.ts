import type { Engine, EngineContext } from "../engine.ts";
import { type JsonObject, jsonProtocol } from "../protocols/json.ts";
import { batchGetItem, batchWriteItem } from "./batch-operations.ts";
import { expireItems } from "./expire-items.ts";
import { deleteItem, getItem, putItem, updateItem } from "./item-operations.ts";
import { openItems } from "./items.ts";
import { query, scan } from "./read-operations.ts";
import type { Resources } from "./resources.ts";
import {
  createTable,
  deleteTable,
  describeContinuousBackups,
  describeTable,
  describeTimeToLive,
  listTables,
  updateContinuousBackups,
  updateTimeToLive,
} from "./table-operations.ts";
import { openTables } from "./tables.ts";
import {
  openTransactions,
  transactGetItems,
  transactWriteItems,
} from "./transaction-operations.ts";

const EXPIRY_INTERVAL_MS = 5000;

const operations: Readonly<Record<string, (resources: Resources, input: JsonObject) => object>> = {
  BatchGetItem: batchGetItem,
  BatchWriteItem: batchWriteItem,
  CreateTable: createTable,
  DeleteItem: deleteItem,
  DeleteTable: deleteTable,
  DescribeContinuousBackups: describeContinuousBackups,
  DescribeTable: describeTable,
  DescribeTimeToLive: describeTimeToLive,
  GetItem: getItem,
  ListTables: listTables,
  PutItem: putItem,
  Query: query,
  Scan: scan,
  TransactGetItems: transactGetItems,
  TransactWriteItems: transactWriteItems,
  UpdateContinuousBackups: updateContinuousBackups,
  UpdateItem: updateItem,
  UpdateTimeToLive: updateTimeToLive,
};

/** DynamoDB: tables, items, expressions, indexes, transactions, expiry. */
export function createDynamoDbEngine(context: EngineContext): Engine {
  const resources: Resources = {
    context,
    tables: openTables(context.store),
    items: openItems(context.store),
  };
  openTransactions(resources);
  context.background("dynamodb expiry", EXPIRY_INTERVAL_MS, () => expireItems(resources));
  return {
    services: ["dynamodb"],
    errorNamespace: "com.amazonaws.dynamodb.v20120810",
    handle: jsonProtocol({
      version: "1.0",
      crc32: true,
      operations: Object.fromEntries(
        Object.entries(operations).map(([name, operation]) => [
          name,
          (input: JsonObject) => operation(resources, input),
        ]),
      ),
    }),
  };
}
