/** Types that a key attribute can have. */
export type KeyType = "S" | "N" | "B";

/** An attribute of a key. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

/** The key of a table or an index. */
export interface KeySchema {
  readonly partition: KeyAttribute;
  readonly sort: KeyAttribute | undefined;
}

/** A secondary index. */
export interface Index {
  readonly id: number;
  readonly name: string;
  readonly kind: "global" | "local";
  readonly key: KeySchema;
  /** The attributes it has besides the keys; undefined for all. */
  readonly projected: readonly string[] | undefined;
}

/** What is kept of a table's definition, in the words of the API. */
export interface TableDefinition {
  readonly TableName: string;
  readonly TableId: string;
  /** Seconds since the epoch. */
  readonly CreationDateTime: number;
  readonly AttributeDefinitions: readonly {
    readonly AttributeName: string;
    readonly AttributeType: KeyType;
  }[];
  readonly KeySchema: readonly KeySchemaElement[];
  readonly BillingMode: "PROVISIONED" | "PAY_PER_REQUEST";
  readonly ProvisionedThroughput: Throughput;
  readonly GlobalSecondaryIndexes: readonly IndexDefinition[];
  readonly LocalSecondaryIndexes: readonly IndexDefinition[];
  readonly DeletionProtectionEnabled: boolean;
}

/** One attribute of a key schema. */
export interface KeySchemaElement {
  readonly AttributeName: string;
  readonly KeyType: "HASH" | "RANGE";
}

/** Capacity units; zero with PAY_PER_REQUEST. */
export interface Throughput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
}

/** A secondary index in the words of the API. */
export interface IndexDefinition {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly Projection: {
    readonly ProjectionType: "ALL" | "KEYS_ONLY" | "INCLUDE";
    readonly NonKeyAttributes?: readonly string[];
  };
  readonly ProvisionedThroughput: Throughput;
}

/** A table, compiled for use. */
export interface Table {
  readonly id: number;
  readonly name: string;
  readonly key: KeySchema;
  readonly indexes: readonly Index[];
  readonly definition: TableDefinition;
  readonly ttlAttribute: string | undefined;
  readonly pointInTimeRecovery: boolean;
}

const INDEXES_PER_TABLE = 64;

/** Compiles what is stored. */
export function makeTable(
  id: number,
  definition: TableDefinition,
  ttlAttribute: string | undefined,
  pointInTimeRecovery: boolean,
): Table {
  const indexes = [
    ...definition.GlobalSecondaryIndexes.map((index) => ({ index, kind: "global" as const })),
    ...definition.LocalSecondaryIndexes.map((index) => ({ index, kind: "local" as const })),
  ].map(({ index, kind }, position): Index => ({
    id: id * INDEXES_PER_TABLE + position,
    name: index.IndexName,
    kind,
    key: keyOf(definition, index.KeySchema),
    projected:
      index.Projection.ProjectionType === "ALL"
        ? undefined
        : (index.Projection.NonKeyAttributes ?? []),
  }));
  return {
    id,
    name: definition.TableName,
    key: keyOf(definition, definition.KeySchema),
    indexes,
    definition,
    ttlAttribute,
    pointInTimeRecovery,
  };
}

/** The names of a key's attributes. */
export function keyNames(key: KeySchema): readonly string[] {
  return key.sort === undefined ? [key.partition.name] : [key.partition.name, key.sort.name];
}

function keyOf(definition: TableDefinition, schema: readonly KeySchemaElement[]): KeySchema {
  const attribute = (keyType: "HASH" | "RANGE"): KeyAttribute | undefined => {
    const element = schema.find((candidate) => candidate.KeyType === keyType);
    const found = definition.AttributeDefinitions.find(
      ({ AttributeName }) => AttributeName === element?.AttributeName,
    );
    return found && { name: found.AttributeName, type: found.AttributeType };
  };
  const partition = attribute("HASH");
  if (partition === undefined) throw new TypeError(`${definition.TableName} has no partition key`);
  return { partition, sort: attribute("RANGE") };
}
