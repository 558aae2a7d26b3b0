import type { TableDefinition } from "@lava/spec";
import { CfnDeletionPolicy, Fn } from "aws-cdk-lib";
import { CfnTable } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";

/** A realm's tables, made from the definitions that local realms are made from. */
export class RealmTables extends Construct {
  /** By logical name. */
  readonly tables: ReadonlyMap<string, CfnTable>;

  /** Names of the definitions may hold references to parameters, as `Fn::Sub` takes them. */
  constructor(scope: Construct, id: string, definitions: readonly TableDefinition[]) {
    super(scope, id);
    this.tables = new Map(
      definitions.map((definition) => {
        const name = logicalName(definition.name);
        const table = new CfnTable(this, name, {
          tableName: Fn.sub(definition.name),
          ...toProps(definition),
        });
        // What a realm has done and knows outlives its stack.
        table.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
        table.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
        table.overrideLogicalId(name);
        return [name, table];
      }),
    );
  }
}

/** The properties of a table that do not depend on the realm's name. */
function toProps(definition: TableDefinition) {
  const { key, attributes, globalIndexes, localIndexes, ttlAttribute } = definition;
  return {
    billingMode: "PAY_PER_REQUEST",
    attributeDefinitions: Object.entries(attributes).map(([attributeName, attributeType]) => ({
      attributeName,
      attributeType,
    })),
    keySchema: toKeySchema(key),
    ...(globalIndexes.length === 0 ? {} : { globalSecondaryIndexes: globalIndexes.map(toIndex) }),
    ...(localIndexes.length === 0 ? {} : { localSecondaryIndexes: localIndexes.map(toIndex) }),
    ...(ttlAttribute === undefined
      ? {}
      : { timeToLiveSpecification: { attributeName: ttlAttribute, enabled: true } }),
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: definition.pointInTimeRecovery,
    },
  };
}

function toIndex(index: TableDefinition["globalIndexes"][number]) {
  return {
    indexName: index.name,
    keySchema: toKeySchema(index),
    projection:
      index.projection === "ALL"
        ? { projectionType: "ALL" }
        : { projectionType: "INCLUDE", nonKeyAttributes: [...index.projection] },
  };
}

function toKeySchema({ partition, sort }: { partition: string; sort?: string | undefined }) {
  return [
    { attributeName: partition, keyType: "HASH" },
    ...(sort === undefined ? [] : [{ attributeName: sort, keyType: "RANGE" }]),
  ];
}

/** `lava.${Realm}.s3triggers` is the resource `S3triggersTable`. */
function logicalName(table: string): string {
  const last = table.slice(table.lastIndexOf(".") + 1);
  return `${last.charAt(0).toUpperCase()}${last.slice(1)}Table`;
}
