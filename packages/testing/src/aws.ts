import {
  AwsError,
  type LocalAwsOptions,
  type Mail,
  readMails,
  startLocalAws,
} from "@lava/local-aws";
import { type AwsClients, awsSettingsFromEnv, createAwsClients } from "@lava/realm";

/** An AWS endpoint for one test, with SDK clients for it. */
export interface EmulatedAws extends AsyncDisposable {
  readonly clients: AwsClients;
  /** What a process needs to reach it: AWS_ENDPOINT_URL, region, credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** Mails that were sent by SES, oldest first. */
  mails(): Mail[];
}

/** Options of {@link emulatedAws}. */
export interface EmulatedAwsOptions extends Pick<LocalAwsOptions, "registry"> {
  /** Requests that are refused for lack of rights, as IAM would. */
  readonly deny?: (request: { readonly service: string; readonly operation: string }) => boolean;
}

/**
 * Starts the embedded endpoint on a free port, its data gone when it is disposed of.
 *
 * @example await using aws = await emulatedAws();
 */
export async function emulatedAws({
  deny,
  ...options
}: EmulatedAwsOptions = {}): Promise<EmulatedAws> {
  const onRequest = (request: { service: string; operation: string }): void => {
    if (deny?.(request) !== true) return;
    const { service, operation } = request;
    throw new AwsError(
      service === "s3" ? "AccessDenied" : "AccessDeniedException",
      `User: tester is not authorized to perform: ${service}:${operation}`,
      { status: service === "s3" ? 403 : 400 },
    );
  };
  await using stack = new AsyncDisposableStack();
  const { environment, dataDir } = stack.use(await startLocalAws({ ...options, onRequest }));
  const clients = stack.use(createAwsClients(awsSettingsFromEnv(environment)));
  const owned = stack.move();
  return {
    clients,
    environment,
    mails: () => readMails(dataDir),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
