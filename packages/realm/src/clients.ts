import type { ECRClient } from "@aws-sdk/client-ecr";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type AwsService, type AwsSettings } from "./aws-settings.ts";

/**
 * SDK clients of one set of settings. Each is loaded and made on first use, because loading the SDK takes longer
 * than most commands; disposal closes the sockets of those that were made.
 */
export interface AwsClients extends AsyncDisposable {
  readonly settings: AwsSettings;
  /** A document client with wrapped numbers; values pass through `marshal.ts` (T-03, T-04). */
  dynamodb(): Promise<DynamoDBDocumentClient>;
  sqs(): Promise<SQSClient>;
  s3(): Promise<S3Client>;
  ssm(): Promise<SSMClient>;
  sts(): Promise<STSClient>;
  kms(): Promise<KMSClient>;
  secretsManager(): Promise<SecretsManagerClient>;
  ecr(): Promise<ECRClient>;
}

interface ClientConfig {
  region?: string;
  endpoint?: string;
  credentials?: NonNullable<AwsSettings["credentials"]>;
  profile?: string;
}

/** Clients for `settings`; nothing is loaded or connected yet. */
export function createAwsClients(settings: AwsSettings): AwsClients {
  const made: Promise<{ destroy(): void }>[] = [];
  const once = <C>(make: () => Promise<C>): (() => Promise<C>) => {
    let client: Promise<C> | undefined;
    return () => (client ??= make());
  };
  /** Makes a client on first use and remembers to destroy it. */
  const lazily = <C extends { destroy(): void }>(make: () => Promise<C>): (() => Promise<C>) =>
    once(() => {
      const client = make();
      made.push(client);
      return client;
    });
  const config = (service: AwsService): ClientConfig => {
    const endpoint = settings.endpoints?.[service] ?? settings.endpoint;
    return {
      ...(settings.region === undefined ? {} : { region: settings.region }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(settings.credentials === undefined ? {} : { credentials: settings.credentials }),
      ...(settings.profile === undefined ? {} : { profile: settings.profile }),
    };
  };
  const dynamodb = lazily(async () => {
    const { DynamoDBClient } = await import("./sdk/dynamodb.ts");
    return new DynamoDBClient(config("DYNAMODB"));
  });
  return {
    settings,
    dynamodb: once(async () => {
      const [client, { DynamoDBDocumentClient }] = await Promise.all([
        dynamodb(),
        import("./sdk/dynamodb.ts"),
      ]);
      return DynamoDBDocumentClient.from(client, { unmarshallOptions: { wrapNumbers: true } });
    }),
    sqs: lazily(async () => {
      const { SQSClient } = await import("./sdk/sqs.ts");
      // Queue URLs of other emulators carry a host name that does not resolve.
      return new SQSClient({ ...config("SQS"), useQueueUrlAsEndpoint: false });
    }),
    s3: lazily(async () => {
      const { S3Client } = await import("./sdk/s3.ts");
      return new S3Client(config("S3"));
    }),
    ssm: lazily(async () => {
      const { SSMClient } = await import("./sdk/ssm.ts");
      return new SSMClient(config("SSM"));
    }),
    sts: lazily(async () => {
      const { STSClient } = await import("./sdk/sts.ts");
      return new STSClient(config("STS"));
    }),
    kms: lazily(async () => {
      const { KMSClient } = await import("./sdk/kms.ts");
      return new KMSClient(config("KMS"));
    }),
    secretsManager: lazily(async () => {
      const { SecretsManagerClient } = await import("./sdk/secrets-manager.ts");
      return new SecretsManagerClient(config("SECRETS_MANAGER"));
    }),
    ecr: lazily(async () => {
      const { ECRClient } = await import("./sdk/ecr.ts");
      return new ECRClient(config("ECR"));
    }),
    async [Symbol.asyncDispose]() {
      for (const result of await Promise.allSettled(made.splice(0))) {
        if (result.status === "fulfilled") result.value.destroy();
      }
    },
  };
}
