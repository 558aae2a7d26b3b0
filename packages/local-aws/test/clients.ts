import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ECRClient } from "@aws-sdk/client-ecr";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";

/** Where an endpoint is and how to sign for it. */
export interface Target {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Settings of an SDK client that calls this endpoint; one try, so that tests see every failure. */
export function clientSettings({ endpoint, region, credentials }: Target) {
  return { endpoint, region, credentials: { ...credentials }, maxAttempts: 1 };
}

/** A DynamoDB client of this endpoint. */
export function dynamoDbClient(target: Target): DynamoDBClient {
  return new DynamoDBClient(clientSettings(target));
}

/** An ECR client of this endpoint. */
export function ecrClient(target: Target): ECRClient {
  return new ECRClient(clientSettings(target));
}

/** A KMS client of this endpoint. */
export function kmsClient(target: Target): KMSClient {
  return new KMSClient(clientSettings(target));
}

/** An S3 client of this endpoint. */
export function s3Client(target: Target): S3Client {
  return new S3Client(clientSettings(target));
}

/** A Secrets Manager client of this endpoint. */
export function secretsManagerClient(target: Target): SecretsManagerClient {
  return new SecretsManagerClient(clientSettings(target));
}

/** An SSM client of this endpoint. */
export function ssmClient(target: Target): SSMClient {
  return new SSMClient(clientSettings(target));
}

/** An STS client of this endpoint. */
export function stsClient(target: Target): STSClient {
  return new STSClient(clientSettings(target));
}
