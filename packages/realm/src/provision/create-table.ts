import { type Clock, LavaError } from "@lava/core";
import type { IndexDefinition, TableDefinition } from "@lava/spec";
import { awsErrorCode, fromAwsError } from "../aws-errors.ts";
import type { AwsClients } from "../clients.ts";

/** Answers of endpoints that lack a feature which only the real service needs. */
const UNSUPPORTED = /^(NotImplemented|NotImplementedException|UnknownOperationException|501)$/;

const load = (clients: AwsClients) =>
  Promise.all([clients.dynamodb(), import("../sdk/dynamodb-tables.ts")]);
type Loaded = Awaited<ReturnType<typeof load>>;

/** Makes a table as defined unless it is there, waits for it, and sets its TTL and backups. */
export async function createTable(
  definition: TableDefinition,
  clients: AwsClients,
  clock: Clock,
): Promise<void> {
  try {
    const [dynamodb, sdk] = await load(clients);
    if ((await tableStatus(definition.name, dynamodb, sdk)) === undefined) {
      await ignoring(/^ResourceInUseException$/, () =>
        dynamodb.send(new sdk.CreateTableCommand(toCreateTableInput(definition))),
      );
    }
    await waitForTable(definition.name, "ACTIVE", clock, dynamodb, sdk);
    await setTimeToLive(definition, dynamodb, sdk);
    await setBackups(definition, dynamodb, sdk);
  } catch (error) {
    throw fromAwsError(error, clients.settings, "DYNAMODB");
  }
}

/** Removes a table with everything in it; does nothing when there is none. */
export async function deleteTable(name: string, clients: AwsClients, clock: Clock): Promise<void> {
  try {
    const [dynamodb, sdk] = await load(clients);
    await ignoring(/^ResourceNotFoundException$/, () =>
      dynamodb.send(new sdk.DeleteTableCommand({ TableName: name })),
    );
    await waitForTable(name, undefined, clock, dynamodb, sdk);
  } catch (error) {
    throw fromAwsError(error, clients.settings, "DYNAMODB");
  }
}

/** A definition as CreateTable takes it; billed by request. */
function toCreateTableInput(definition: TableDefinition) {
  const { name, attributes, key, globalIndexes, localIndexes } = definition;
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: Object.entries(attributes).map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: toKeySchema(key),
    ...(globalIndexes.length === 0 ? {} : { GlobalSecondaryIndexes: globalIndexes.map(toIndex) }),
    ...(localIndexes.length === 0 ? {} : { LocalSecondaryIndexes: localIndexes.map(toIndex) }),
  } as const;
}

function toIndex(index: IndexDefinition) {
  const { name, projection } = index;
  return {
    IndexName: name,
    KeySchema: toKeySchema(index),
    Projection:
      projection === "ALL"
        ? { ProjectionType: "ALL" as const }
        : { ProjectionType: "INCLUDE" as const, NonKeyAttributes: [...projection] },
  };
}

function toKeySchema({ partition, sort }: { partition: string; sort?: string | undefined }) {
  return [
    { AttributeName: partition, KeyType: "HASH" as const },
    ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: "RANGE" as const }]),
  ];
}

async function tableStatus(
  name: string,
  dynamodb: Loaded[0],
  sdk: Loaded[1],
): Promise<string | undefined> {
  const answer = await ignoring(/^ResourceNotFoundException$/, () =>
    dynamodb.send(new sdk.DescribeTableCommand({ TableName: name })),
  );
  return answer?.Table?.TableStatus;
}

/** Waits until a table has a status; undefined means that it is gone. */
async function waitForTable(
  name: string,
  wanted: string | undefined,
  clock: Clock,
  dynamodb: Loaded[0],
  sdk: Loaded[1],
): Promise<void> {
  const deadline = clock.now() + 300_000;
  for (let pause = 50; ; pause = Math.min(pause * 2, 5_000)) {
    const status = await tableStatus(name, dynamodb, sdk);
    if (status === wanted) return;
    if (clock.now() > deadline) {
      throw new LavaError("TABLE_NOT_READY", `Table ${name} is ${status} after five minutes`);
    }
    await clock.sleep(pause);
  }
}

async function setTimeToLive(
  { name, ttlAttribute }: TableDefinition,
  dynamodb: Loaded[0],
  sdk: Loaded[1],
): Promise<void> {
  if (ttlAttribute === undefined) return;
  await ignoring(UNSUPPORTED, async () => {
    const { TimeToLiveDescription: now } = await dynamodb.send(
      new sdk.DescribeTimeToLiveCommand({ TableName: name }),
    );
    // Setting what is set is an error.
    if (now?.TimeToLiveStatus === "ENABLED" || now?.TimeToLiveStatus === "ENABLING") return;
    await dynamodb.send(
      new sdk.UpdateTimeToLiveCommand({
        TableName: name,
        TimeToLiveSpecification: { AttributeName: ttlAttribute, Enabled: true },
      }),
    );
  });
}

async function setBackups(
  { name, pointInTimeRecovery }: TableDefinition,
  dynamodb: Loaded[0],
  sdk: Loaded[1],
): Promise<void> {
  if (!pointInTimeRecovery) return;
  await ignoring(UNSUPPORTED, () =>
    dynamodb.send(
      new sdk.UpdateContinuousBackupsCommand({
        TableName: name,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    ),
  );
}

/** Runs an action; undefined when it failed with one of these codes. */
export async function ignoring<T>(codes: RegExp, action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (codes.test(awsErrorCode(error))) return undefined;
    throw error;
  }
}
