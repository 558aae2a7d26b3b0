import { notImplemented } from "../errors.ts";
import {
  booleanOf,
  choiceOf,
  integerOf,
  objectOf,
  objectsOf,
  required,
  textOf,
  textsOf,
} from "../protocols/input.ts";
import type { JsonObject } from "../protocols/json.ts";
import type { IndexDefinition, KeySchemaElement, TableDefinition, Throughput } from "./table.ts";
import { invalid } from "./values.ts";

const NAME = /^[A-Za-z0-9_.-]{3,255}$/;
const NO_THROUGHPUT: Throughput = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 };

/** The input of CreateTable, checked. */
export function parseDefinition(
  input: JsonObject,
  made: { TableId: string; CreationDateTime: number },
): TableDefinition {
  const name = required(textOf(input, "TableName"), "TableName");
  if (!NAME.test(name)) {
    throw invalid(
      "TableName must be at least 3 characters long and at most 255 characters long and contain only letters, digits, '_', '-' and '.'",
    );
  }
  const stream = objectOf(input, "StreamSpecification");
  if (stream !== undefined && booleanOf(stream, "StreamEnabled") === true) {
    throw notImplemented("dynamodb", "CreateTable with StreamSpecification");
  }
  // What would be accepted and not kept is refused: never a silent 200.
  for (const option of ["SSESpecification", "TableClass", "Tags", "ResourcePolicy"]) {
    if (input[option] !== undefined) throw notImplemented("dynamodb", `CreateTable with ${option}`);
  }
  const billing =
    choiceOf(input, "BillingMode", ["PROVISIONED", "PAY_PER_REQUEST"]) ?? "PROVISIONED";
  const definition: TableDefinition = {
    TableName: name,
    ...made,
    AttributeDefinitions: required(
      objectsOf(input, "AttributeDefinitions"),
      "AttributeDefinitions",
    ).map((attribute) => ({
      AttributeName: required(textOf(attribute, "AttributeName"), "AttributeName"),
      AttributeType: required(
        choiceOf(attribute, "AttributeType", ["S", "N", "B"]),
        "AttributeType",
      ),
    })),
    KeySchema: parseKeySchema(input),
    BillingMode: billing,
    ProvisionedThroughput: parseThroughput(input, billing),
    GlobalSecondaryIndexes: (objectsOf(input, "GlobalSecondaryIndexes") ?? []).map((index) =>
      parseIndex(index, billing),
    ),
    LocalSecondaryIndexes: (objectsOf(input, "LocalSecondaryIndexes") ?? []).map((index) =>
      parseIndex(index, "PAY_PER_REQUEST"),
    ),
    DeletionProtectionEnabled: booleanOf(input, "DeletionProtectionEnabled") ?? false,
  };
  checkDefinition(definition);
  return definition;
}

function parseKeySchema(input: JsonObject): readonly KeySchemaElement[] {
  const elements = required(objectsOf(input, "KeySchema"), "KeySchema").map((element) => ({
    AttributeName: required(textOf(element, "AttributeName"), "AttributeName"),
    KeyType: required(choiceOf(element, "KeyType", ["HASH", "RANGE"]), "KeyType"),
  }));
  const [first, second] = elements;
  if (first?.KeyType !== "HASH") {
    throw invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  }
  if (elements.length > 2 || (second !== undefined && second.KeyType !== "RANGE")) {
    throw invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  }
  if (second?.AttributeName === first.AttributeName) {
    throw invalid(
      "Both the Hash Key and the Range Key element in the KeySchema have the same name",
    );
  }
  return elements;
}

function parseThroughput(input: JsonObject, billing: TableDefinition["BillingMode"]): Throughput {
  const given = objectOf(input, "ProvisionedThroughput");
  if (billing === "PAY_PER_REQUEST") {
    if (given !== undefined) {
      throw invalid(
        "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
      );
    }
    return NO_THROUGHPUT;
  }
  if (given === undefined) {
    throw invalid(
      "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
    );
  }
  return {
    ReadCapacityUnits: required(integerOf(given, "ReadCapacityUnits"), "ReadCapacityUnits"),
    WriteCapacityUnits: required(integerOf(given, "WriteCapacityUnits"), "WriteCapacityUnits"),
  };
}

function parseIndex(input: JsonObject, billing: TableDefinition["BillingMode"]): IndexDefinition {
  const name = required(textOf(input, "IndexName"), "IndexName");
  if (!NAME.test(name))
    throw invalid(`One or more parameter values were invalid: IndexName ${name}`);
  const projection = required(objectOf(input, "Projection"), "Projection");
  const type = required(
    choiceOf(projection, "ProjectionType", ["ALL", "KEYS_ONLY", "INCLUDE"]),
    "ProjectionType",
  );
  const attributes = textsOf(projection, "NonKeyAttributes");
  if ((type === "INCLUDE") !== (attributes !== undefined && attributes.length > 0)) {
    throw invalid(
      type === "INCLUDE"
        ? "One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is not specified"
        : `One or more parameter values were invalid: ProjectionType is ${type}, but NonKeyAttributes is specified`,
    );
  }
  return {
    IndexName: name,
    KeySchema: parseKeySchema(input),
    Projection: {
      ProjectionType: type,
      ...(attributes === undefined ? {} : { NonKeyAttributes: attributes }),
    },
    ProvisionedThroughput: parseThroughput(input, billing),
  };
}

function checkDefinition(definition: TableDefinition): void {
  const { GlobalSecondaryIndexes: globals, LocalSecondaryIndexes: locals } = definition;
  const indexes = [...globals, ...locals];
  const used = new Set(
    [definition, ...indexes].flatMap(({ KeySchema }) =>
      KeySchema.map(({ AttributeName }) => AttributeName),
    ),
  );
  const defined = definition.AttributeDefinitions.map(({ AttributeName }) => AttributeName);
  const missing = [...used].filter((name) => !defined.includes(name));
  if (missing.length > 0) {
    throw invalid(
      `One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [${missing.join(", ")}], AttributeDefinitions: [${defined.join(", ")}]`,
    );
  }
  if (new Set(defined).size !== defined.length || defined.length !== used.size) {
    throw invalid(
      indexes.length === 0
        ? "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"
        : `One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: [${defined.join(", ")}], keys used: [${[...used].join(", ")}]`,
    );
  }
  const names = indexes.map(({ IndexName }) => IndexName);
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined) {
    throw invalid(`One or more parameter values were invalid: Duplicate index name: ${repeated}`);
  }
  if (globals.length > 20 || locals.length > 5) {
    throw invalid("One or more parameter values were invalid: too many secondary indexes");
  }
  for (const { IndexName, KeySchema } of locals) {
    if (definition.KeySchema.length < 2) {
      throw invalid(
        "One or more parameter values were invalid: Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
      );
    }
    if (
      KeySchema.length < 2 ||
      KeySchema[0]?.AttributeName !== definition.KeySchema[0]?.AttributeName
    ) {
      throw invalid(
        `One or more parameter values were invalid: Index KeySchema does not have a range key or the table's hash key for index: ${IndexName}`,
      );
    }
  }
}
