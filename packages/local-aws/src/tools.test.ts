/** The same calls as in the engines' own tests, by the clients that payloads use. */
import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsCli, has, python } from "../test/tools.ts";
import { zipOf } from "../test/zip.ts";
import { type LocalAws, readMails, startLocalAws } from "./index.ts";

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

  it.runIf(hasAws)("sends mail, metrics, log events and events", { timeout: 60_000 }, async () => {
    const text = JSON.stringify({ Subject: { Data: "cli" }, Body: { Text: { Data: "t" } } });
    await cli("ses send-email --from a@x.org --to b@x.org --message", text);
    await cli(
      "sesv2 send-email --from-email-address a@x.org --destination ToAddresses=c@x.org --content",
      JSON.stringify({ Simple: JSON.parse(text) }),
    );
    expect(readMails(aws.dataDir).map(({ destinations }) => destinations)).toEqual([
      ["b@x.org"],
      ["c@x.org"],
    ]);

    await cli(
      "cloudwatch put-metric-data --namespace Cli --metric-name m --value 2 --dimensions Realm=r",
    );
    expect(await cli("cloudwatch list-metrics --namespace Cli")).toMatchObject({
      Metrics: [{ MetricName: "m", Dimensions: [{ Name: "Realm", Value: "r" }] }],
    });

    await cli("logs create-log-group --log-group-name /cli");
    await cli("logs create-log-stream --log-group-name /cli --log-stream-name s");
    await cli(
      "logs put-log-events --log-group-name /cli --log-stream-name s --log-events timestamp=1,message=hello",
    );
    expect(
      await cli("logs filter-log-events --log-group-name /cli --filter-pattern hello"),
    ).toMatchObject({
      events: [{ message: "hello" }],
    });

    const entries = JSON.stringify([{ Source: "a", DetailType: "b", Detail: "{}" }]);
    expect(await cli("events put-events --entries", entries)).toMatchObject({
      FailedEntryCount: 0,
    });
  });

  it.runIf(hasAws)("makes, calls and updates functions", { timeout: 60_000 }, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "lava-lambda-"));
    const file = (name: string): string => join(folder.path, name);
    const pack = async (words: string): Promise<void> =>
      writeFile(
        file("f.zip"),
        await zipOf({ "f.mjs": `export const handler = async (e) => ["${words}", e.n];` }),
      );
    const call = async (): Promise<unknown> => {
      await cli("lambda invoke --function-name cli --payload", '{"n": 1}', file("out"));
      return JSON.parse(await readFile(file("out"), "utf8"));
    };
    await pack("one");
    const zip = `fileb://${file("f.zip")}`;

    await cli(
      "lambda create-function --function-name cli --runtime nodejs24.x --handler f.handler --role arn:aws:iam::000000000000:role/r --zip-file",
      zip,
    );
    await cli("lambda wait function-active-v2 --function-name cli");
    expect(await call()).toEqual(["one", 1]);
    await pack("two");
    expect(
      await cli("lambda update-function-code --function-name cli --publish --zip-file", zip),
    ).toMatchObject({ Version: "1", LastUpdateStatus: "Successful" });
    expect(await call()).toEqual(["two", 1]);
    expect(
      await cli("lambda create-alias --function-name cli --name live --function-version 1"),
    ).toMatchObject({ AliasArn: expect.stringContaining(":cli:live") });
    await cli("sqs create-queue --queue-name cli-source");
    expect(
      await cli(
        "lambda create-event-source-mapping --function-name cli:live --event-source-arn arn:aws:sqs:local:000000000000:cli-source",
      ),
    ).toMatchObject({ State: "Enabled", BatchSize: 10 });
    await cli("lambda delete-function --function-name cli");
    await expect(cli("lambda get-function --function-name cli")).rejects.toThrow(
      "An error occurred (ResourceNotFoundException) when calling the GetFunction operation",
    );
  });
});

describe("boto3", () => {
  it.runIf(hasBoto3)(
    "sends mail, metrics, log events and events",
    async () => {
      const output = await python(
        aws,
        `
from datetime import datetime, timedelta, timezone
raw = "From: a@x.org\\nTo: p@x.org\\nSubject: boto\\n\\nhi\\n"
client("ses").send_raw_email(Destinations=["p@x.org"], RawMessage={"Data": raw})
client("sesv2").send_email(Content={"Raw": {"Data": raw.encode()}})
cw = client("cloudwatch")
cw.put_metric_data(Namespace="Boto", MetricData=[{"MetricName": "m", "Value": 1.5, "Unit": "Seconds",
    "Dimensions": [{"Name": "Realm", "Value": "r"}], "Timestamp": datetime.now(timezone.utc)}])
now = datetime.now(timezone.utc)
points = cw.get_metric_statistics(Namespace="Boto", MetricName="m", Dimensions=[{"Name": "Realm", "Value": "r"}],
    StartTime=now - timedelta(hours=1), EndTime=now + timedelta(hours=1), Period=86400, Statistics=["Average"])["Datapoints"]
logs = client("logs")
logs.create_log_group(logGroupName="/boto")
logs.create_log_stream(logGroupName="/boto", logStreamName="s")
logs.put_log_events(logGroupName="/boto", logStreamName="s", logEvents=[{"timestamp": 1, "message": "m"}])
pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/boto")
messages = [e["message"] for page in pages for e in page["events"]]
failed = client("events").put_events(Entries=[{"Source": "a", "DetailType": "b", "Detail": "[]"}])["Entries"][0]["ErrorCode"]
try:
    logs.create_log_group(logGroupName="/boto")
except logs.exceptions.ResourceAlreadyExistsException as error:
    failed += error.response["Error"]["Code"]
print(json.dumps([points[0]["Average"], messages, failed]))
`,
      );
      expect(JSON.parse(output)).toEqual([
        1.5,
        ["m"],
        "MalformedDetailResourceAlreadyExistsException",
      ]);
      expect(readMails(aws.dataDir).filter(({ subject }) => subject === "boto")).toHaveLength(2);
    },
    60_000,
  );

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
