import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ECRClient } from "@aws-sdk/client-ecr";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { KMSClient } from "@aws-sdk/client-kms";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SchedulerClient } from "@aws-sdk/client-scheduler";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SESClient } from "@aws-sdk/client-ses";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";
import { type AwsService, type AwsSettings } from "./aws-settings.ts";

/**
 * SDK clients of one set of settings. Each is loaded and made on first use, because loading the SDK takes longer
 * than most commands; disposal closes the sockets of those that were made.
 */
export interface AwsClients extends AsyncDisposable {
  readonly settings: AwsSettings;
  /** Values pass through `marshal.ts`, so that no number is squeezed into a double (T-03, T-04). */
  dynamodb(): Promise<DynamoDBClient>;
  sqs(): Promise<SQSClient>;
  s3(): Promise<S3Client>;
  ssm(): Promise<SSMClient>;
  sts(): Promise<STSClient>;
  kms(): Promise<KMSClient>;
  secretsManager(): Promise<SecretsManagerClient>;
  ecr(): Promise<ECRClient>;
  sns(): Promise<SNSClient>;
  eventBridge(): Promise<EventBridgeClient>;
  /** EventBridge Scheduler. */
  scheduler(): Promise<SchedulerClient>;
  cloudWatch(): Promise<CloudWatchClient>;
  autoScaling(): Promise<AutoScalingClient>;
  lambda(): Promise<LambdaClient>;
  /** SES is not in every region, so whoever sends mail names one; one client for each. */
  ses(region: string): Promise<SESClient>;
}

/** The clients with which runs are sent: a function's bundle holds these and no others. */
export type DispatchClients = Pick<AwsClients, "settings" | "dynamodb" | "sqs">;

/** The clients of the function metrics. */
export type MetricsClients = Pick<AwsClients, "settings" | "sqs" | "cloudWatch" | "autoScaling">;

/** The clients of the function stop. */
export type StopClients = Pick<AwsClients, "settings" | "ssm" | "autoScaling">;

interface ClientConfig {
  region?: string;
  endpoint?: string;
  credentials?: NonNullable<AwsSettings["credentials"]>;
  profile?: string;
}

/** Clients for `settings`; nothing is loaded or connected yet. */
export function createAwsClients(settings: AwsSettings): AwsClients {
  const maker = createMaker(settings);
  const { config, lazily } = maker;
  const mailers = new Map<string, () => Promise<SESClient>>();
  const mailer = (region: string): (() => Promise<SESClient>) => {
    const known = mailers.get(region);
    if (known !== undefined) return known;
    const made = lazily(async () => {
      const { SESClient } = await import("./sdk/ses.ts");
      return new SESClient({ ...config("SES"), region });
    });
    mailers.set(region, made);
    return made;
  };
  return {
    settings,
    ...dispatchClients(maker),
    s3: lazily(async () => {
      const { S3Client } = await import("./sdk/s3.ts");
      return new S3Client(config("S3"));
    }),
    ssm: ssm(maker),
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
    sns: lazily(async () => {
      const { SNSClient } = await import("./sdk/sns.ts");
      return new SNSClient(config("SNS"));
    }),
    eventBridge: lazily(async () => {
      const { EventBridgeClient } = await import("./sdk/eventbridge.ts");
      return new EventBridgeClient(config("EVENTBRIDGE"));
    }),
    scheduler: lazily(async () => {
      const { SchedulerClient } = await import("./sdk/scheduler.ts");
      return new SchedulerClient(config("SCHEDULER"));
    }),
    cloudWatch: cloudWatch(maker),
    autoScaling: autoScaling(maker),
    lambda: lazily(async () => {
      const { LambdaClient } = await import("./sdk/lambda.ts");
      return new LambdaClient(config("LAMBDA"));
    }),
    ses: (region) => mailer(region)(),
    [Symbol.asyncDispose]: () => maker.destroy(),
  };
}

/** The clients that sending runs takes. */
export function createDispatchClients(settings: AwsSettings): DispatchClients & AsyncDisposable {
  const maker = createMaker(settings);
  return {
    settings,
    ...dispatchClients(maker),
    [Symbol.asyncDispose]: () => maker.destroy(),
  };
}

/** The clients that counting the work of workers takes. */
export function createMetricsClients(settings: AwsSettings): MetricsClients & AsyncDisposable {
  const maker = createMaker(settings);
  const { sqs } = dispatchClients(maker);
  return {
    settings,
    sqs,
    cloudWatch: cloudWatch(maker),
    autoScaling: autoScaling(maker),
    [Symbol.asyncDispose]: () => maker.destroy(),
  };
}

/** The clients that ending the workers of an instance takes. */
export function createStopClients(settings: AwsSettings): StopClients & AsyncDisposable {
  const maker = createMaker(settings);
  return {
    settings,
    ssm: ssm(maker),
    autoScaling: autoScaling(maker),
    [Symbol.asyncDispose]: () => maker.destroy(),
  };
}

/** Makes clients of one set of settings, each on first use, and destroys those that were made. */
interface Maker {
  config(service: AwsService): ClientConfig;
  lazily<C extends { destroy(): void }>(make: () => Promise<C>): () => Promise<C>;
  destroy(): Promise<void>;
}

function createMaker(settings: AwsSettings): Maker {
  const made: Promise<{ destroy(): void }>[] = [];
  return {
    config(service) {
      const endpoint = settings.endpoints?.[service] ?? settings.endpoint;
      return {
        ...(settings.region === undefined ? {} : { region: settings.region }),
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(settings.credentials === undefined ? {} : { credentials: settings.credentials }),
        ...(settings.profile === undefined ? {} : { profile: settings.profile }),
      };
    },
    lazily: (make) =>
      once(() => {
        const client = make();
        made.push(client);
        return client;
      }),
    async destroy() {
      for (const result of await Promise.allSettled(made.splice(0))) {
        if (result.status === "fulfilled") result.value.destroy();
      }
    },
  };
}

function once<C>(make: () => Promise<C>): () => Promise<C> {
  let client: Promise<C> | undefined;
  return () => (client ??= make());
}

function dispatchClients({ config, lazily }: Maker): Pick<AwsClients, "dynamodb" | "sqs"> {
  return {
    dynamodb: lazily(async () => {
      const { DynamoDBClient } = await import("./sdk/dynamodb.ts");
      // All calls go to one address, so that what prepares one kind of call can be made once.
      return new DynamoDBClient({ ...config("DYNAMODB"), cacheMiddleware: true });
    }),
    sqs: lazily(async () => {
      const { SQSClient } = await import("./sdk/sqs.ts");
      // Queue URLs of other emulators carry a host name that does not resolve.
      return new SQSClient({ ...config("SQS"), useQueueUrlAsEndpoint: false });
    }),
  };
}

function ssm({ config, lazily }: Maker): AwsClients["ssm"] {
  return lazily(async () => {
    const { SSMClient } = await import("./sdk/ssm.ts");
    return new SSMClient(config("SSM"));
  });
}

function cloudWatch({ config, lazily }: Maker): AwsClients["cloudWatch"] {
  return lazily(async () => {
    const { CloudWatchClient } = await import("./sdk/cloudwatch.ts");
    return new CloudWatchClient(config("CLOUDWATCH"));
  });
}

function autoScaling({ config, lazily }: Maker): AwsClients["autoScaling"] {
  return lazily(async () => {
    const { AutoScalingClient } = await import("./sdk/auto-scaling.ts");
    return new AutoScalingClient(config("AUTO_SCALING"));
  });
}
