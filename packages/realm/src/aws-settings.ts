/** The AWS services that a realm is made of, by the names that `AWS_ENDPOINT_URL_<SERVICE>` uses. */
const awsServices = [
  "DYNAMODB",
  "SQS",
  "S3",
  "SSM",
  "STS",
  "KMS",
  "SECRETS_MANAGER",
  "ECR",
  "SNS",
  "EVENTBRIDGE",
  "SCHEDULER",
  "CLOUDWATCH",
  "SES",
  "REDSHIFT",
  "REDSHIFT_SERVERLESS",
  "AUTO_SCALING",
  "LAMBDA",
] as const;

/** A service of a realm. */
export type AwsService = (typeof awsServices)[number];

/** Where AWS is and who asks. Local realms differ from others by the endpoint and by nothing else. */
export interface AwsSettings {
  /** As the SDK finds it by itself (shared files, instance metadata) when absent. */
  readonly region?: string;
  /** Endpoint of all services (`AWS_ENDPOINT_URL`). */
  readonly endpoint?: string;
  /** Endpoint of one service (`AWS_ENDPOINT_URL_<SERVICE>`); wins over `endpoint`. */
  readonly endpoints?: { readonly [S in AwsService]?: string };
  /** The SDK's default chain when absent. */
  readonly credentials?: AwsCredentials;
  /** Profile of the shared files, for the default chain. */
  readonly profile?: string;
}

/** Static credentials. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Environment variables, handed in by the application. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings from the variables that every AWS tool honours. */
export function awsSettingsFromEnv(env: Environment): AwsSettings {
  const value = (name: string): string | undefined => env[name] || undefined;
  const ignore = value("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?.toLowerCase() === "true";
  const endpoints: { [S in AwsService]?: string } = {};
  for (const service of awsServices) {
    const endpoint = ignore ? undefined : value(`AWS_ENDPOINT_URL_${service}`);
    if (endpoint !== undefined) endpoints[service] = endpoint;
  }
  const region = value("AWS_REGION") ?? value("AWS_DEFAULT_REGION");
  const endpoint = ignore ? undefined : value("AWS_ENDPOINT_URL");
  const profile = value("AWS_PROFILE");
  const accessKeyId = value("AWS_ACCESS_KEY_ID");
  const secretAccessKey = value("AWS_SECRET_ACCESS_KEY");
  const sessionToken = value("AWS_SESSION_TOKEN");
  return {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(Object.keys(endpoints).length === 0 ? {} : { endpoints }),
    ...(profile === undefined ? {} : { profile }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : {
          credentials: {
            accessKeyId,
            secretAccessKey,
            ...(sessionToken === undefined ? {} : { sessionToken }),
          },
        }),
  };
}

/** The endpoint of one service, for messages to people. */
export function endpointOf(settings: AwsSettings, service: AwsService): string {
  return (
    settings.endpoints?.[service] ?? settings.endpoint ?? `AWS ${settings.region ?? ""}`.trim()
  );
}
