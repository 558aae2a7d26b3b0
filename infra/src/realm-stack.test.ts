import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { DescribeTableCommand, DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { startLocalAws } from "@lava/local-aws";
import { awsSettingsFromEnv, createAwsClients, createRealmResources } from "@lava/realm";
import { tableDefinitions } from "@lava/spec";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { realmStack, realmTemplate } from "./realm-stack.ts";

const file = join(import.meta.dirname, "../templates/lava-realm.template.json");

test("templates/lava-realm.template.json is up to date (vitest -u writes it)", async () => {
  await expect(realmTemplate()).toMatchFileSnapshot(file);
});

test("the template has a table for each definition, named after the realm, kept with its data", () => {
  const template = Template.fromStack(realmStack(new App()));

  const definitions = tableDefinitions("${Realm}");
  expect(Object.keys(template.findResources("AWS::DynamoDB::Table"))).toHaveLength(
    definitions.length,
  );
  for (const { name, pointInTimeRecovery } of definitions) {
    template.hasResource("AWS::DynamoDB::Table", {
      DeletionPolicy: "Retain",
      Properties: Match.objectLike({
        TableName: { "Fn::Sub": name },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: pointInTimeRecovery },
      }),
    });
  }
});

test("a local realm has the tables of the template (issue 2, point 1)", async () => {
  await using aws = await startLocalAws({});
  await using clients = createAwsClients(awsSettingsFromEnv(aws.environment));
  await createRealmResources(clients, { realm: "dev", workers: [], bucket: "lava-dev" });
  const dynamodb = await clients.dynamodb();
  const tables = Template.fromStack(realmStack(new App())).findResources("AWS::DynamoDB::Table");

  for (const { Properties: properties } of Object.values(tables)) {
    const name = String(properties.TableName["Fn::Sub"]).replace("${Realm}", "dev");
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    const { TimeToLiveDescription } = await dynamodb.send(
      new DescribeTimeToLiveCommand({ TableName: name }),
    );

    const made = {
      AttributeDefinitions: sorted(Table?.AttributeDefinitions),
      KeySchema: Table?.KeySchema,
      GlobalSecondaryIndexes: (Table?.GlobalSecondaryIndexes ?? []).map(withoutState),
      LocalSecondaryIndexes: (Table?.LocalSecondaryIndexes ?? []).map(withoutState),
      ttl: TimeToLiveDescription?.AttributeName,
    };
    expect(made).toEqual({
      AttributeDefinitions: sorted(properties.AttributeDefinitions),
      KeySchema: properties.KeySchema,
      GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes ?? [],
      LocalSecondaryIndexes: properties.LocalSecondaryIndexes ?? [],
      ttl: properties.TimeToLiveSpecification?.AttributeName,
    });
  }
});

const cfnLint = spawnSync("cfn-lint", ["--version"], { encoding: "utf8" });

test.runIf(cfnLint.status === 0)(
  "cfn-lint finds nothing to complain about (where it exists)",
  () => {
    const { status, stdout, stderr } = spawnSync("cfn-lint", [file], { encoding: "utf8" });

    expect(`${stdout}${stderr}`).toBe("");
    expect(status).toBe(0);
  },
);

function withoutState(index: { IndexName?: string; KeySchema?: unknown; Projection?: unknown }) {
  const { IndexName, KeySchema, Projection } = index;
  return { IndexName, KeySchema, Projection };
}

function sorted(list: readonly { AttributeName?: string | undefined }[] | undefined) {
  return (list ?? []).toSorted((a, b) =>
    (a.AttributeName ?? "") < (b.AttributeName ?? "") ? -1 : 1,
  );
}
