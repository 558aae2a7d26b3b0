/** The same calls as in the engines' own tests, by the clients that payloads use. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsCli, has, python } from "../test/tools.ts";
import { type LocalAws, startLocalAws } from "./index.ts";

const hasAws = has("aws", "--version");
const hasBoto3 = has("python3", "-c", "import boto3");

let aws: LocalAws;
beforeAll(async () => {
  aws = await startLocalAws();
});
afterAll(() => aws[Symbol.asyncDispose]());

describe("the aws command line", () => {
  /** The words of `line`, then `values` as they are. */
  const cli = async (line: string, ...values: string[]): Promise<unknown> => {
    const output = await awsCli(aws, "--output", "json", ...line.split(" "), ...values);
    return output === "" ? undefined : JSON.parse(output);
  };

  it.runIf(hasAws)("uses tables", { timeout: 60_000 }, async () => {
    const item = JSON.stringify({ id: { S: "é" }, n: { N: "1.10" } });
    const key = JSON.stringify({ id: { S: "é" } });
    await cli(
      "dynamodb create-table --table-name cli --billing-mode PAY_PER_REQUEST --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH",
    );
    await cli("dynamodb wait table-exists --table-name cli");
    await cli("dynamodb put-item --table-name cli --item", item);

    expect(await cli("dynamodb get-item --table-name cli --key", key)).toEqual({
      Item: { id: { S: "é" }, n: { N: "1.1" } },
    });
    await expect(
      cli(
        "dynamodb delete-item --table-name cli --condition-expression attribute_not_exists(id) --key",
        key,
      ),
    ).rejects.toThrow(
      "An error occurred (ConditionalCheckFailedException) when calling the DeleteItem operation: The conditional request failed",
    );
  });

  it.runIf(hasAws)("uses parameters, roles and secrets", { timeout: 60_000 }, async () => {
    await cli("ssm put-parameter --name /cli/a --type SecureString --value hidden");
    expect(await cli("ssm get-parameter --name /cli/a --with-decryption")).toMatchObject({
      Parameter: { Value: "hidden", Version: 1 },
    });
    await expect(cli("ssm get-parameter --name /cli/b")).rejects.toThrow(
      "An error occurred (ParameterNotFound)",
    );
    expect(await cli("sts get-caller-identity")).toMatchObject({ Account: "000000000000" });
    await cli("secretsmanager create-secret --name cli --secret-string s");
    expect(await cli("secretsmanager get-secret-value --secret-id cli")).toMatchObject({
      SecretString: "s",
    });
  });
});

describe("boto3", () => {
  it.runIf(hasBoto3)(
    "uses tables, with exact numbers and its own errors",
    async () => {
      const output = await python(
        aws,
        `
from decimal import Decimal
from boto3.dynamodb.conditions import Attr, Key
db = resource("dynamodb")
table = db.create_table(
    TableName="boto", BillingMode="PAY_PER_REQUEST",
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"}],
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}])
table.wait_until_exists()
with table.batch_writer() as batch:
    for n in range(30):
        batch.put_item(Item={"id": "a", "n": n, "value": Decimal("0.1") * n})
found = table.query(KeyConditionExpression=Key("id").eq("a") & Key("n").between(3, 5),
                    FilterExpression=Attr("value").gt(Decimal("0.35")))
table.update_item(Key={"id": "a", "n": 3}, UpdateExpression="SET #v = #v + :d",
                  ExpressionAttributeNames={"#v": "value"}, ExpressionAttributeValues={":d": Decimal("0.03")})
value = table.get_item(Key={"id": "a", "n": 3})["Item"]["value"]
try:
    table.put_item(Item={"id": "a", "n": 3}, ConditionExpression=Attr("id").not_exists())
except db.meta.client.exceptions.ConditionalCheckFailedException as error:
    failed = str(error)
print(json.dumps([[int(i["n"]) for i in found["Items"]], str(value), failed]))
`,
      );
      expect(JSON.parse(output)).toEqual([
        [4, 5],
        "0.33",
        "An error occurred (ConditionalCheckFailedException) when calling the PutItem operation: The conditional request failed",
      ]);
    },
    60_000,
  );

  it.runIf(hasBoto3)(
    "uses parameters and roles",
    async () => {
      const output = await python(
        aws,
        `
ssm = client("ssm")
ssm.put_parameter(Name="/boto/a", Value="v", Type="String")
pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/boto")
names = [p["Name"] for page in pages for p in page["Parameters"]]
try:
    ssm.get_parameter(Name="/boto/none")
except ssm.exceptions.ParameterNotFound as error:
    names.append(error.response["Error"]["Code"])
role = client("sts").assume_role(RoleArn="arn:aws:iam::000000000000:role/r", RoleSessionName="me")
names.append(role["AssumedRoleUser"]["Arn"])
print(json.dumps(names))
`,
      );
      expect(JSON.parse(output)).toEqual([
        "/boto/a",
        "ParameterNotFound",
        "arn:aws:sts::000000000000:assumed-role/r/me",
      ]);
    },
    60_000,
  );
});
