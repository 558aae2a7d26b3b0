import { type DataMap, LavaError } from "@lava/core";
import { awsErrorCode, fromAwsError } from "./aws-errors.ts";
import { endpointOf } from "./aws-settings.ts";
import type { DispatchClients } from "./clients.ts";
import type { Expression } from "./expression.ts";
import { fromAttributeMap, toAttributeMap } from "./marshal.ts";

/** A conditional write that was refused. `item` is what was there instead; undefined when nothing was. */
export class ConditionFailed extends Error {
  override readonly name = "ConditionFailed";
  readonly item: DataMap | undefined;
  constructor(item: DataMap | undefined) {
    super("The condition of a write does not hold");
    this.item = item;
  }
}

/** A condition with the names and values that it uses. */
export interface Condition {
  readonly text: string;
  readonly expression: Expression;
}

/** One update of one item. */
export interface UpdateRequest {
  readonly update: string;
  readonly condition?: string;
  readonly expression: Expression;
  /** Whether the item as it is afterwards is wanted. */
  readonly returns?: boolean;
}

/** Part of a table or index. */
export interface SearchRequest {
  readonly index?: string;
  /** A query when present, else a scan. */
  readonly key?: string;
  readonly filter?: string;
  readonly projection?: string;
  readonly expression: Expression;
  readonly limit?: number;
  readonly descending?: boolean;
  readonly start?: DataMap;
}

/** DynamoDB items as core data: the one place where values cross over to the SDK and back. */
export interface Documents {
  /** Strongly consistent, unless a `weak` read will do, which costs half. */
  get(table: string, key: DataMap, options?: { weak?: boolean }): Promise<DataMap | undefined>;
  put(table: string, item: DataMap, condition?: Condition): Promise<void>;
  /** Returns the whole item as it is afterwards where `returns` asks for it, else an empty map. */
  update(table: string, key: DataMap, request: UpdateRequest): Promise<DataMap>;
  /** Returns the item that was there. */
  delete(table: string, key: DataMap, condition?: Condition): Promise<DataMap | undefined>;
  search(table: string, request: SearchRequest): Promise<{ items: DataMap[]; next?: DataMap }>;
}

/** Documents through `clients`. */
export function createDocuments(
  clients: Pick<DispatchClients, "settings" | "dynamodb">,
): Documents {
  const open = async () => {
    const [client, sdk] = await Promise.all([clients.dynamodb(), import("./sdk/dynamodb.ts")]);
    return { client, sdk };
  };
  type Sdk = Awaited<ReturnType<typeof open>>;
  let opened: Promise<Sdk> | undefined;
  const load = (): Promise<Sdk> => (opened ??= open());

  /** Runs one call and gives its faults their meaning. */
  async function call<T>(table: string, action: (sdk: Sdk) => Promise<T>): Promise<T> {
    try {
      return await action(await load());
    } catch (error) {
      const code = awsErrorCode(error);
      if (code === "ResourceNotFoundException") {
        throw new LavaError(
          "NO_SUCH_TABLE",
          `There is no table ${table} at ${endpointOf(clients.settings, "DYNAMODB")}`,
          { cause: error, hint: "Check the name of the realm, AWS_REGION and AWS_ENDPOINT_URL." },
        );
      }
      throw fromAwsError(error, clients.settings, "DYNAMODB");
    }
  }

  /** Runs one conditional write; what was in its way comes with the error, or is read. */
  async function write<T>(
    table: string,
    action: (sdk: Sdk) => Promise<T>,
    key?: DataMap,
  ): Promise<T> {
    try {
      return await call(table, action);
    } catch (error) {
      if (awsErrorCode(error) !== "ConditionalCheckFailedException") throw error;
      const { sdk } = await load();
      const item = error instanceof sdk.ConditionalCheckFailedException ? error.Item : undefined;
      if (item !== undefined) throw new ConditionFailed(fromAttributeMap(item));
      throw new ConditionFailed(key && (await get(table, key)));
    }
  }

  async function get(
    table: string,
    key: DataMap,
    { weak = false }: { weak?: boolean } = {},
  ): Promise<DataMap | undefined> {
    return call(table, async ({ client, sdk }) => {
      const { Item } = await client.send(
        new sdk.GetItemCommand({
          TableName: table,
          Key: toAttributeMap(key),
          ConsistentRead: !weak,
        }),
      );
      return Item && fromAttributeMap(Item);
    });
  }

  const placeholders = (expression: Expression) => ({
    ...(Object.keys(expression.names).length === 0
      ? {}
      : { ExpressionAttributeNames: { ...expression.names } }),
    ...(Object.keys(expression.values).length === 0
      ? {}
      : { ExpressionAttributeValues: toAttributeMap(expression.values) }),
  });

  return {
    get,
    async put(table, item, condition) {
      await write(table, ({ client, sdk }) =>
        client.send(
          new sdk.PutItemCommand({
            TableName: table,
            Item: toAttributeMap(item),
            ...(condition && {
              ConditionExpression: condition.text,
              ...placeholders(condition.expression),
            }),
          }),
        ),
      );
    },
    async update(table, key, { update, condition, expression, returns }) {
      const send = ({ client, sdk }: Sdk) =>
        client.send(
          new sdk.UpdateItemCommand({
            TableName: table,
            Key: toAttributeMap(key),
            UpdateExpression: update,
            ...(condition === undefined ? {} : { ConditionExpression: condition }),
            ...placeholders(expression),
            ReturnValues: returns === true ? "ALL_NEW" : "NONE",
            ...(condition === undefined ? {} : { ReturnValuesOnConditionCheckFailure: "ALL_OLD" }),
          }),
        );
      const { Attributes } = await write(table, send, key);
      return fromAttributeMap(Attributes ?? {});
    },
    async delete(table, key, condition) {
      const { Attributes } = await write(table, ({ client, sdk }) =>
        client.send(
          new sdk.DeleteItemCommand({
            TableName: table,
            Key: toAttributeMap(key),
            ReturnValues: "ALL_OLD",
            ...(condition && {
              ConditionExpression: condition.text,
              ...placeholders(condition.expression),
            }),
          }),
        ),
      );
      return Attributes && fromAttributeMap(Attributes);
    },
    async search(table, request) {
      return call(table, async ({ client, sdk }) => {
        const common = {
          TableName: table,
          ...(request.index === undefined ? {} : { IndexName: request.index }),
          ...(request.filter === undefined ? {} : { FilterExpression: request.filter }),
          ...(request.projection === undefined ? {} : { ProjectionExpression: request.projection }),
          ...(request.limit === undefined ? {} : { Limit: request.limit }),
          ...(request.start === undefined
            ? {}
            : { ExclusiveStartKey: toAttributeMap(request.start) }),
          ...placeholders(request.expression),
        };
        const { Items, LastEvaluatedKey } = await (request.key === undefined
          ? client.send(new sdk.ScanCommand(common))
          : client.send(
              new sdk.QueryCommand({
                ...common,
                KeyConditionExpression: request.key,
                ScanIndexForward: request.descending !== true,
              }),
            ));
        const items = (Items ?? []).map((item) => fromAttributeMap(item));
        return LastEvaluatedKey === undefined
          ? { items }
          : { items, next: fromAttributeMap(LastEvaluatedKey) };
      });
    },
  };
}

/** Every item of a search, page after page. */
export async function searchAll(
  documents: Documents,
  table: string,
  request: SearchRequest,
): Promise<DataMap[]> {
  const all: DataMap[] = [];
  let start: DataMap | undefined;
  do {
    const { items, next } = await documents.search(table, {
      ...request,
      ...(start === undefined ? {} : { start }),
    });
    all.push(...items);
    start = next;
  } while (start !== undefined);
  return all;
}
