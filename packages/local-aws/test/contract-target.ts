import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { startLocalAws } from "../src/index.ts";
import { clientSettings, type Target } from "./clients.ts";

/** Where a contract suite runs, with its clients. */
export interface ContractTarget extends AsyncDisposable {
  readonly target: Target;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
}

/**
 * An endpoint of ours; or, with CONTRACT_ENDPOINT in the environment, any other (moto:
 * `moto_server -p 5000`, then `CONTRACT_ENDPOINT=http://127.0.0.1:5000 vitest run contract`).
 */
export async function openContractTarget(): Promise<ContractTarget> {
  const foreign = process.env["CONTRACT_ENDPOINT"];
  if (foreign !== undefined) {
    return withClients({
      endpoint: foreign,
      region: process.env["CONTRACT_REGION"] ?? "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
  }
  const aws = await startLocalAws();
  return withClients(aws, () => aws[Symbol.asyncDispose]());
}

function withClients(target: Target, close?: () => PromiseLike<void>): ContractTarget {
  const settings = clientSettings(target);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const sns = new SNSClient(settings);
  return {
    target,
    s3,
    sqs,
    sns,
    async [Symbol.asyncDispose]() {
      for (const client of [s3, sqs, sns]) client.destroy();
      await close?.();
    },
  };
}
