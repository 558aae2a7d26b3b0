import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import type { LocalAws } from "../src/index.ts";

/** Settings of an SDK client that calls this endpoint. */
export function clientSettings(aws: LocalAws) {
  return {
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: { ...aws.credentials },
    maxAttempts: 1,
  };
}

/** A DynamoDB client of this endpoint. */
export function dynamoDbClient(aws: LocalAws): DynamoDBClient {
  return new DynamoDBClient(clientSettings(aws));
}

/** An SSM client of this endpoint. */
export function ssmClient(aws: LocalAws): SSMClient {
  return new SSMClient(clientSettings(aws));
}

/** An STS client of this endpoint. */
export function stsClient(aws: LocalAws): STSClient {
  return new STSClient(clientSettings(aws));
}
