import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ResourceInUseException,
  ResourceNotFoundException,
  ScanCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { dynamoDbClient } from "../../test/clients.ts";
import { type LocalAws, startLocalAws } from "../index.ts";

let aws: LocalAws;
let db: DynamoDBClient;
let number = 0;
let table: string;

beforeAll(async () => {
  aws = await startLocalAws();
  db = dynamoDbClient(aws);
});
afterAll(async () => {
  db.destroy();
  await aws[Symbol.asyncDispose]();
});

/** Each test has its own table `t<N>`: key `id` (S), sort key `n` (N), indexes by-kind and by-date. */
beforeEach(async () => {
  number += 1;
  table = `t.${number}`;
  await db.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "id", AttributeType: "S" },
        { AttributeName: "n", AttributeType: "N" },
        { AttributeName: "kind", AttributeType: "S" },
        { AttributeName: "date", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "id", KeyType: "HASH" },
        { AttributeName: "n", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-kind",
          KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }],
          Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["seen"] },
        },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: "by-date",
          KeySchema: [
            { AttributeName: "id", KeyType: "HASH" },
            { AttributeName: "date", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
    }),
  );
});

type Item = Record<string, AttributeValue>;
const key = (id: string, n: number | string): Item => ({ id: { S: id }, n: { N: String(n) } });
const put = (item: Item) => db.send(new PutItemCommand({ TableName: table, Item: item }));
const get = async (id: string, n: number | string) =>
  (await db.send(new GetItemCommand({ TableName: table, Key: key(id, n) }))).Item;
const update = (id: string, input: Omit<UpdateItemCommandInput, "TableName" | "Key">) =>
  db.send(new UpdateItemCommand({ TableName: table, Key: key(id, 1), ...input }));
const query = (input: Omit<QueryCommandInput, "TableName">) =>
  db.send(new QueryCommand({ TableName: table, ...input }));
const numbers = (items: Item[] | undefined) => items?.map((item) => item["n"]?.N);

describe("tables", () => {
  it("are described as they were made, listed, and deleted with their items", async () => {
    await put(key("a", 1));

    const { Table } = await db.send(new DescribeTableCommand({ TableName: table }));
    expect(Table).toMatchObject({
      TableStatus: "ACTIVE",
      ItemCount: 1,
      TableArn: `arn:aws:dynamodb:local:000000000000:table/${table}`,
      GlobalSecondaryIndexes: [{ IndexName: "by-kind", IndexStatus: "ACTIVE" }],
      LocalSecondaryIndexes: [{ IndexName: "by-date" }],
    });
    expect((await db.send(new ListTablesCommand({}))).TableNames).toContain(table);

    await db.send(new DeleteTableCommand({ TableName: table }));
    const gone = db.send(new DescribeTableCommand({ TableName: table }));
    await expect(gone).rejects.toThrow(`Requested resource not found: Table: ${table} not found`);
    await expect(gone).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(get("a", 1)).rejects.toThrow("Requested resource not found");
  });

  it("are listed in pages", async () => {
    await db.send(
      new CreateTableCommand({
        TableName: `${table}.more`,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      }),
    );
    const first = await db.send(new ListTablesCommand({ Limit: 1 }));
    expect(first.TableNames).toHaveLength(1);
    const second = await db.send(
      new ListTablesCommand({ ExclusiveStartTableName: first.LastEvaluatedTableName }),
    );
    expect(second.TableNames).toContain(`${table}.more`);
    expect(second.TableNames).not.toContain(first.TableNames?.[0]);
  });

  it("cannot be made twice, nor with attributes that no key uses", async () => {
    const input = {
      TableName: table,
      BillingMode: "PAY_PER_REQUEST" as const,
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" as const }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" as const }],
    };
    await expect(db.send(new CreateTableCommand(input))).rejects.toBeInstanceOf(
      ResourceInUseException,
    );
    const odd = {
      ...input,
      TableName: "other",
      AttributeDefinitions: [
        ...input.AttributeDefinitions,
        { AttributeName: "x", AttributeType: "S" as const },
      ],
    };
    await expect(db.send(new CreateTableCommand(odd))).rejects.toThrow(
      "does not exactly match number of attributes defined in AttributeDefinitions",
    );
  });

  it("keep time to live and point-in-time recovery", async () => {
    const TimeToLiveSpecification = { Enabled: true, AttributeName: "ttl" };
    const enable = () =>
      db.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
    await enable();
    await expect(enable()).rejects.toThrow("TimeToLive is already enabled");
    expect(
      (await db.send(new DescribeTimeToLiveCommand({ TableName: table }))).TimeToLiveDescription,
    ).toEqual({ TimeToLiveStatus: "ENABLED", AttributeName: "ttl" });

    await db.send(
      new UpdateContinuousBackupsCommand({
        TableName: table,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );
    const backups = await db.send(new DescribeContinuousBackupsCommand({ TableName: table }));
    expect(backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription).toMatchObject({
      PointInTimeRecoveryStatus: "ENABLED",
    });
  });
});

describe("items", () => {
  it("come back with every type, numbers normalised", async () => {
    const item: Item = {
      ...key("a", "1.50"),
      big: { N: "12345678901234567890123456789012345678" },
      exponent: { N: "1.2E+3" },
      small: { N: "-0.00010" },
      bytes: { B: new Uint8Array([0, 255, 16]) },
      yes: { BOOL: true },
      nothing: { NULL: true },
      texts: { SS: ["b", "a"] },
      counts: { NS: ["1.0", "2"] },
      list: { L: [{ S: "x" }, { M: { deep: { N: "7" } } }] },
      empty: { S: "" },
    };
    await put(item);
    expect(await get("a", "1.5")).toEqual({
      ...item,
      n: { N: "1.5" },
      exponent: { N: "1200" },
      small: { N: "-0.0001" },
      counts: { NS: ["1", "2"] },
    });
  });

  it.each<[string, Item, string]>([
    ["a missing key", { id: { S: "a" } }, "Missing the key n in the item"],
    [
      "a key of another type",
      { id: { N: "1" }, n: { N: "1" } },
      "Type mismatch for key id expected: S actual: N",
    ],
    ["an empty key", key("", 1), "cannot contain an empty string value. Key: id"],
    ["39 digits", { ...key("a", 1), x: { N: "1".repeat(39) } }, "more than 38 significant digits"],
    ["a number too large", { ...key("a", 1), x: { N: "1e126" } }, "Number overflow"],
    [
      "no number",
      { ...key("a", 1), x: { N: "one" } },
      "cannot be converted to a numeric value: one",
    ],
    ["an empty set", { ...key("a", 1), x: { SS: [] } }, "An string set  may not be empty"],
    ["a set with duplicates", { ...key("a", 1), x: { NS: ["1", "1.0"] } }, "contains duplicates"],
    [
      "an index key of another type",
      { ...key("a", 1), kind: { N: "1" } },
      "Type mismatch for Index Key kind Expected: S Actual: N IndexName: by-kind",
    ],
    [
      "more than 400 KB",
      { ...key("a", 1), x: { S: "x".repeat(400 * 1024) } },
      "Item size has exceeded the maximum allowed size",
    ],
  ])("are refused with %s", async (_name, item, message) => {
    await expect(put(item)).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(message),
    });
  });

  it("are not found by a key that does not fit", async () => {
    const read = db.send(new GetItemCommand({ TableName: table, Key: { id: { S: "a" } } }));
    await expect(read).rejects.toThrow("The provided key element does not match the schema");
    expect(await get("nobody", 1)).toBeUndefined();
  });

  it("give their old attributes when replaced or deleted", async () => {
    await put({ ...key("a", 1), x: { S: "old" } });
    const replaced = await db.send(
      new PutItemCommand({ TableName: table, Item: key("a", 1), ReturnValues: "ALL_OLD" }),
    );
    expect(replaced.Attributes?.["x"]).toEqual({ S: "old" });
    const removed = await db.send(
      new DeleteItemCommand({ TableName: table, Key: key("a", 1), ReturnValues: "ALL_OLD" }),
    );
    expect(removed.Attributes).toEqual(key("a", 1));
    expect(await get("a", 1)).toBeUndefined();
  });

  it("are projected, nested paths too", async () => {
    await put({
      ...key("a", 1),
      list: { L: [{ S: "0" }, { S: "1" }, { S: "2" }] },
      map: { M: { x: { S: "x" }, y: { S: "y" } } },
    });
    const { Item } = await db.send(
      new GetItemCommand({
        TableName: table,
        Key: key("a", 1),
        ProjectionExpression: "#l[2], #l[0], #m.y",
        ExpressionAttributeNames: { "#l": "list", "#m": "map" },
        ReturnConsumedCapacity: "TOTAL",
      }),
    );
    expect(Item).toEqual({ list: { L: [{ S: "0" }, { S: "2" }] }, map: { M: { y: { S: "y" } } } });
  });
});

describe("conditions", () => {
  const item: Item = {
    ...key("a", 1),
    word: { S: "hello" },
    count: { N: "10" },
    tags: { SS: ["x", "y"] },
    list: { L: [{ S: "one" }, { N: "2" }] },
    map: { M: { deep: { BOOL: true } } },
  };
  const values: Item = {
    ":hell": { S: "hell" },
    ":ten": { N: "10.0" },
    ":nine": { N: "9" },
    ":x": { S: "x" },
    ":yes": { BOOL: true },
    ":S": { S: "S" },
    ":five": { N: "5" },
  };
  it.each<[string, boolean]>([
    ["attribute_exists(word)", true],
    ["attribute_exists(nope)", false],
    ["attribute_not_exists(nope)", true],
    ["attribute_type(word, :S)", true],
    ["begins_with(word, :hell)", true],
    ["contains(word, :hell)", true],
    ["contains(tags, :x)", true],
    ["contains(#list, :x)", false],
    ["size(word) = :five", true],
    ["#count = :ten", true],
    ["#count <> :ten", false],
    ["#count > :nine AND #count >= :ten", true],
    ["#count < :nine OR #map.deep = :yes", true],
    ["NOT #count < :nine", true],
    ["NOT (#count > :nine and word = :hell)", true],
    ["#count BETWEEN :nine AND :ten", true],
    ["#count IN (:nine, :ten)", true],
    ["word < :nine", false],
    ["nope = :ten", false],
    ["nope <> :ten", true],
    ["#list[1] = :ten", false],
  ])("%s is %s", async (condition, expected) => {
    await put(item);
    const names = { "#count": "count", "#list": "list", "#map": "map" };
    const uses = (text: string) => condition.match(/[#:]\w+/g)?.includes(text) === true;
    const only = <T>(all: Record<string, T>) => {
      const some = Object.fromEntries(Object.entries(all).filter(([name]) => uses(name)));
      return Object.keys(some).length === 0 ? undefined : some;
    };

    const met = await db
      .send(
        new DeleteItemCommand({
          TableName: table,
          Key: key("a", 1),
          ConditionExpression: condition,
          ExpressionAttributeNames: only(names),
          ExpressionAttributeValues: only(values),
        }),
      )
      .then(
        () => true,
        (error: unknown) => {
          if (error instanceof ConditionalCheckFailedException) return false;
          throw error;
        },
      );

    expect(met).toBe(expected);
  });

  it("give the item that failed them when asked", async () => {
    await put(item);
    const failed = db.send(
      new PutItemCommand({
        TableName: table,
        Item: key("a", 1),
        ConditionExpression: "attribute_not_exists(id)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    await expect(failed).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
      message: "The conditional request failed",
      Item: expect.objectContaining({ word: { S: "hello" } }),
    });
  });

  it.each<[string, Item | undefined, Record<string, string> | undefined, string]>([
    [
      "status = :a",
      { ":a": { S: "" } },
      undefined,
      "Attribute name is a reserved keyword; reserved keyword: status",
    ],
    [
      "x = :b",
      { ":a": { S: "" } },
      undefined,
      "An expression attribute value used in expression is not defined; attribute value: :b",
    ],
    [
      "x = :a",
      { ":a": { S: "" }, ":b": { S: "" } },
      undefined,
      "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}",
    ],
    ["attribute_exists(#x)", undefined, undefined, "attribute name: #x"],
    [
      "attribute_exists(x)",
      undefined,
      { "#x": "x" },
      "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}",
    ],
    ["x = ", undefined, undefined, 'Syntax error; token: "<EOF>"'],
    ["x ! y", undefined, undefined, 'Syntax error; token: "!"'],
    ["nofunction(x)", undefined, undefined, "Invalid function name; function: nofunction"],
    ["begins_with(x)", undefined, undefined, "Incorrect number of operands"],
    [
      "begins_with(x, :a)",
      { ":a": { N: "1" } },
      undefined,
      "operator or function: begins_with, operand type: N",
    ],
    [
      "x BETWEEN :b AND :a",
      { ":a": { N: "1" }, ":b": { N: "2" } },
      undefined,
      "requires upper bound to be greater than or equal to lower bound",
    ],
    ["x = x", undefined, undefined, "The first operand must be distinct"],
    ["  ", undefined, undefined, "The expression can not be empty"],
  ])("%s is refused", async (condition, values, names, message) => {
    const done = db.send(
      new DeleteItemCommand({
        TableName: table,
        Key: key("a", 1),
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
        ExpressionAttributeNames: names,
      }),
    );
    await expect(done).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(message),
    });
  });
});

describe("updates", () => {
  it("make the item that is not there", async () => {
    const { Attributes } = await update("new", {
      UpdateExpression: "SET x = :x ADD hits :one, tags :tags",
      ExpressionAttributeValues: { ":x": { S: "v" }, ":one": { N: "1" }, ":tags": { SS: ["a"] } },
      ReturnValues: "ALL_NEW",
    });
    expect(Attributes).toEqual({
      ...key("new", 1),
      x: { S: "v" },
      hits: { N: "1" },
      tags: { SS: ["a"] },
    });
  });

  it("calculate exactly, from the values before the update", async () => {
    await put({ ...key("a", 1), x: { N: "0.1" }, y: { N: "1e37" } });
    const { Attributes } = await update("a", {
      UpdateExpression: "SET x = x + :d, y = y - :one, z = x, w = if_not_exists(w, :one)",
      ExpressionAttributeValues: { ":d": { N: "0.2" }, ":one": { N: "1" } },
      ReturnValues: "UPDATED_NEW",
    });
    expect(Attributes).toEqual({
      x: { N: "0.3" },
      y: { N: "9".repeat(37) },
      z: { N: "0.1" },
      w: { N: "1" },
    });
  });

  it("change lists, maps and sets in place", async () => {
    await put({
      ...key("a", 1),
      list: { L: [{ S: "0" }, { S: "1" }, { S: "2" }, { S: "3" }] },
      map: { M: { a: { S: "a" }, b: { S: "b" } } },
      tags: { SS: ["x", "y"] },
      all: { SS: ["z"] },
    });
    const { Attributes } = await update("a", {
      UpdateExpression:
        "SET #m.c = :new, logs = list_append(if_not_exists(logs, :none), :more) REMOVE #l[0], #l[2], #m.a DELETE tags :x, #all :z",
      ExpressionAttributeNames: { "#l": "list", "#m": "map", "#all": "all" },
      ExpressionAttributeValues: {
        ":new": { S: "new" },
        ":none": { L: [] },
        ":more": { L: [{ S: "line" }] },
        ":x": { SS: ["x", "absent"] },
        ":z": { SS: ["z"] },
      },
      ReturnValues: "ALL_NEW",
    });
    expect(Attributes).toEqual({
      ...key("a", 1),
      list: { L: [{ S: "1" }, { S: "3" }] },
      map: { M: { b: { S: "b" }, c: { S: "new" } } },
      tags: { SS: ["y"] },
      logs: { L: [{ S: "line" }] },
    });
  });

  it("append what is set past the end of a list", async () => {
    await put({ ...key("a", 1), items: { L: [{ S: "0" }] } });
    const { Attributes } = await update("a", {
      UpdateExpression: "SET #i[9] = :b, #i[5] = :a, #i[0] = :z",
      ExpressionAttributeNames: { "#i": "items" },
      ExpressionAttributeValues: { ":a": { S: "a" }, ":b": { S: "b" }, ":z": { S: "z" } },
      ReturnValues: "UPDATED_OLD",
    });
    expect(Attributes).toEqual({ items: { L: [{ S: "0" }] } });
    expect((await get("a", 1))?.["items"]).toEqual({ L: [{ S: "z" }, { S: "a" }, { S: "b" }] });
  });

  it.each<[string, Item | undefined, string]>([
    [
      "SET n = :v",
      { ":v": { N: "2" } },
      "Cannot update attribute n. This attribute is part of the key",
    ],
    ["SET x = y", undefined, "refers to an attribute that does not exist in the item"],
    [
      "SET a.b = :v",
      { ":v": { N: "2" } },
      "The document path provided in the update expression is invalid for update",
    ],
    ["SET x = :v, x.y = :v", { ":v": { N: "2" } }, "Two document paths overlap with each other"],
    [
      "SET x = word + :v",
      { ":v": { N: "2" } },
      "An operand in the update expression has an incorrect data type",
    ],
    [
      "ADD x :v",
      { ":v": { S: "2" } },
      "Incorrect operand type for operator or function; operator: ADD, operand type: S",
    ],
    ["SET x = :v SET y = :v", { ":v": { S: "2" } }, 'The "SET" section can only be used once'],
    ["SETT x = :v", { ":v": { S: "2" } }, 'token: "SETT"'],
  ])("%s is refused", async (expression, values, message) => {
    await put({ ...key("a", 1), word: { S: "hello" } });
    const done = update("a", {
      UpdateExpression: expression,
      ExpressionAttributeValues: values,
    });
    await expect(done).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(message),
    });
  });

  it("of one item at the same time all count", async () => {
    await Promise.all(
      Array.from({ length: 40 }, () =>
        update("a", {
          UpdateExpression: "ADD hits :v",
          ExpressionAttributeValues: { ":v": { N: "1" } },
        }),
      ),
    );
    expect((await get("a", 1))?.["hits"]).toEqual({ N: "40" });
  });
});

describe("queries", () => {
  beforeEach(async () => {
    for (const n of [10, -3, 2, 0.5, 100]) {
      await put({
        ...key("a", n),
        kind: { S: n > 1 ? "big" : "small" },
        date: { S: `2026-01-${String(Math.round(n + 10)).padStart(3, "0")}` },
        seen: { BOOL: true },
        extra: { S: "x" },
      });
    }
    await put({ ...key("b", 1), kind: { S: "big" } });
  });

  it.each<[string, Item, string[]]>([
    ["id = :id", {}, ["-3", "0.5", "2", "10", "100"]],
    ["id = :id AND n > :v", { ":v": { N: "0.5" } }, ["2", "10", "100"]],
    ["id = :id AND n >= :v", { ":v": { N: "0.5" } }, ["0.5", "2", "10", "100"]],
    ["n < :v AND id = :id", { ":v": { N: "2" } }, ["-3", "0.5"]],
    ["id = :id AND n <= :v", { ":v": { N: "2" } }, ["-3", "0.5", "2"]],
    ["id = :id AND n = :v", { ":v": { N: "2.00" } }, ["2"]],
    [
      "id = :id AND n BETWEEN :v AND :w",
      { ":v": { N: "-5" }, ":w": { N: "2" } },
      ["-3", "0.5", "2"],
    ],
  ])("%s", async (condition, values, expected) => {
    const { Items } = await query({
      KeyConditionExpression: condition,
      ExpressionAttributeValues: { ":id": { S: "a" }, ...values },
    });
    expect(numbers(Items)).toEqual(expected);
  });

  it.each<[string, Item, string]>([
    ["n = :v", { ":v": { N: "1" } }, "Query condition missed key schema element: id"],
    ["id > :v", { ":v": { S: "1" } }, "Query key condition not supported"],
    [
      "id = :v OR n = :v",
      { ":v": { S: "1" } },
      "Invalid operator used in KeyConditionExpression: OR",
    ],
    ["id = :v AND x = :v", { ":v": { S: "1" } }, "Query condition missed key schema element: n"],
    ["id = :v", { ":v": { N: "1" } }, "Condition parameter type does not match schema type"],
  ])("%s is refused", async (condition, values, message) => {
    const done = query({ KeyConditionExpression: condition, ExpressionAttributeValues: values });
    await expect(done).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(message),
    });
  });

  it("go backwards, in pages, and end where they should", async () => {
    const seen: (string | undefined)[] = [];
    let start: Item | undefined;
    do {
      const page = await query({
        KeyConditionExpression: "id = :id",
        ExpressionAttributeValues: { ":id": { S: "a" } },
        ScanIndexForward: false,
        Limit: 2,
        ExclusiveStartKey: start,
      });
      seen.push(...(numbers(page.Items) ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    expect(seen).toEqual(["100", "10", "2", "0.5", "-3"]);
  });

  it("filter, count and project", async () => {
    const filtered = await query({
      KeyConditionExpression: "id = :id",
      FilterExpression: "kind = :k",
      ExpressionAttributeValues: { ":id": { S: "a" }, ":k": { S: "big" } },
      Select: "COUNT",
    });
    expect(filtered).toMatchObject({ Count: 3, ScannedCount: 5 });
    expect(filtered.Items).toBeUndefined();

    const inFilter = query({
      KeyConditionExpression: "id = :id",
      FilterExpression: "n = :id",
      ExpressionAttributeValues: { ":id": { S: "a" } },
    });
    await expect(inFilter).rejects.toThrow("Primary key attribute: n");
  });

  it("read global indexes with what they project, in pages", async () => {
    const first = await query({
      IndexName: "by-kind",
      KeyConditionExpression: "kind = :k",
      ExpressionAttributeValues: { ":k": { S: "big" } },
      Limit: 3,
    });
    expect(first.Items?.[0]).toEqual({ ...key("a", 2), kind: { S: "big" }, seen: { BOOL: true } });
    expect(first.LastEvaluatedKey).toEqual({ ...key("a", 100), kind: { S: "big" } });
    const rest = await query({
      IndexName: "by-kind",
      KeyConditionExpression: "kind = :k",
      ExpressionAttributeValues: { ":k": { S: "big" } },
      ExclusiveStartKey: first.LastEvaluatedKey,
    });
    expect(rest.Items).toEqual([{ ...key("b", 1), kind: { S: "big" } }]);
  });

  it("read local indexes, which fetch what they lack", async () => {
    const input = {
      IndexName: "by-date",
      KeyConditionExpression: "id = :id AND begins_with(#d, :d)",
      ExpressionAttributeNames: { "#d": "date" },
      ExpressionAttributeValues: { ":id": { S: "a" }, ":d": { S: "2026-01-01" } },
    };
    expect(numbers((await query(input)).Items)).toEqual(["0.5", "2"]);
    expect((await query(input)).Items?.[0]).not.toHaveProperty("extra");
    const all = await query({ ...input, Select: "ALL_ATTRIBUTES" });
    expect(all.Items?.[0]).toHaveProperty("extra");
  });

  it("see an index follow its item", async () => {
    const read = async (kind: string) =>
      (
        await query({
          IndexName: "by-kind",
          KeyConditionExpression: "kind = :k",
          ExpressionAttributeValues: { ":k": { S: kind } },
        })
      ).Count;
    await db.send(
      new UpdateItemCommand({
        TableName: table,
        Key: key("b", 1),
        UpdateExpression: "SET kind = :k",
        ExpressionAttributeValues: { ":k": { S: "odd" } },
      }),
    );
    expect([await read("big"), await read("odd")]).toEqual([3, 1]);
    await db.send(new DeleteItemCommand({ TableName: table, Key: key("b", 1) }));
    expect(await read("odd")).toBe(0);
    await expect(
      query({
        IndexName: "none",
        KeyConditionExpression: "id = :id",
        ExpressionAttributeValues: { ":id": { S: "a" } },
      }),
    ).rejects.toThrow("The table does not have the specified index: none");
  });

  it("end a page after 1 MB", async () => {
    for (let n = 1; n <= 8; n += 1) await put({ ...key("c", n), x: { S: "x".repeat(300_000) } });
    const page = await query({
      KeyConditionExpression: "id = :id",
      ExpressionAttributeValues: { ":id": { S: "c" } },
    });
    expect(page.Items).toHaveLength(4);
    expect(page.LastEvaluatedKey).toEqual(key("c", 4));
  });

  it("scan everything once, in segments too, and indexes", async () => {
    const all = await db.send(new ScanCommand({ TableName: table }));
    expect(all.Count).toBe(6);
    const counts = await Promise.all(
      [0, 1, 2].map(async (Segment) => {
        const part = await db.send(
          new ScanCommand({ TableName: table, Segment, TotalSegments: 3 }),
        );
        return part.Count ?? 0;
      }),
    );
    expect(counts.reduce((a, b) => a + b)).toBe(6);
    const index = await db.send(new ScanCommand({ TableName: table, IndexName: "by-date" }));
    expect(index.Count).toBe(5);
    let start: Item | undefined;
    let seen = 0;
    do {
      const page = await db.send(
        new ScanCommand({ TableName: table, Limit: 4, ExclusiveStartKey: start }),
      );
      seen += page.Count ?? 0;
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    expect(seen).toBe(6);
  });
});

describe("batches and transactions", () => {
  it("write and read many items", async () => {
    await db.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [table]: [1, 2, 3].map((n) => ({ PutRequest: { Item: key("a", n) } })),
        },
      }),
    );
    await db.send(
      new BatchWriteItemCommand({
        RequestItems: { [table]: [{ DeleteRequest: { Key: key("a", 2) } }] },
      }),
    );
    const { Responses } = await db.send(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: [1, 2, 3].map((n) => key("a", n)) } },
      }),
    );
    expect(numbers(Responses?.[table])).toEqual(["1", "3"]);
    await expect(
      db.send(
        new BatchGetItemCommand({
          RequestItems: { [table]: { Keys: [key("a", 1), key("a", 1)] } },
        }),
      ),
    ).rejects.toThrow("Provided list of item keys contains duplicates");
  });

  it("are all or nothing", async () => {
    await put({ ...key("a", 1), x: { S: "there" } });
    const failing = db.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: table, Item: key("b", 1) } },
          {
            Update: {
              TableName: table,
              Key: key("a", 1),
              UpdateExpression: "SET x = :x",
              ConditionExpression: "attribute_not_exists(id)",
              ExpressionAttributeValues: { ":x": { S: "changed" } },
              ReturnValuesOnConditionCheckFailure: "ALL_OLD",
            },
          },
        ],
      }),
    );
    await expect(failing).rejects.toBeInstanceOf(TransactionCanceledException);
    await expect(failing).rejects.toMatchObject({
      message:
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]",
      CancellationReasons: [
        { Code: "None" },
        {
          Code: "ConditionalCheckFailed",
          Message: "The conditional request failed",
          Item: { ...key("a", 1), x: { S: "there" } },
        },
      ],
    });
    expect(await get("b", 1)).toBeUndefined();

    await db.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: table, Item: key("b", 1) } },
          { Delete: { TableName: table, Key: key("c", 1) } },
          {
            ConditionCheck: {
              TableName: table,
              Key: key("a", 1),
              ConditionExpression: "attribute_exists(id)",
            },
          },
        ],
      }),
    );
    const { Responses } = await db.send(
      new TransactGetItemsCommand({
        TransactItems: [
          { Get: { TableName: table, Key: key("b", 1) } },
          { Get: { TableName: table, Key: key("c", 1) } },
        ],
      }),
    );
    expect(Responses).toEqual([{ Item: key("b", 1) }, {}]);
  });

  it("happen once for one token, and never twice on one item", async () => {
    const add = (by: string) =>
      db.send(
        new TransactWriteItemsCommand({
          ClientRequestToken: `token-${table}`,
          TransactItems: [
            {
              Update: {
                TableName: table,
                Key: key("a", 1),
                UpdateExpression: "ADD hits :v",
                ExpressionAttributeValues: { ":v": { N: by } },
              },
            },
          ],
        }),
      );
    await add("1");
    await add("1");
    expect((await get("a", 1))?.["hits"]).toEqual({ N: "1" });
    await expect(add("2")).rejects.toMatchObject({ name: "IdempotentParameterMismatchException" });

    const twice = db.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: table, Item: key("a", 1) } },
          { Delete: { TableName: table, Key: key("a", 1) } },
        ],
      }),
    );
    await expect(twice).rejects.toThrow("cannot include multiple operations on one item");
  });
});
