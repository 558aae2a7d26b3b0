import { expect, test } from "vitest";
import { parseDefinition } from "./parse-definition.ts";

const input = {
  TableName: "things",
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
};
const made = { TableId: "t", CreationDateTime: 1 };

test.each([
  ["Tags", [{ Key: "a", Value: "b" }]],
  ["SSESpecification", { Enabled: true }],
  ["TableClass", "STANDARD_INFREQUENT_ACCESS"],
  ["StreamSpecification", { StreamEnabled: true, StreamViewType: "KEYS_ONLY" }],
])("a table with %s is refused, since it would not be kept", (option, value) => {
  expect(() => parseDefinition({ ...input, [option]: value }, made)).toThrow(
    expect.objectContaining({ status: 501, message: expect.stringContaining(option) }),
  );
});
