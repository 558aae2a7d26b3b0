import { type LocalAwsOptions, startLocalAws } from "@lava/local-aws";
import { type AwsClients, awsSettingsFromEnv, createAwsClients } from "@lava/realm";

/** An AWS endpoint for one test, with SDK clients for it. */
export interface EmulatedAws extends AsyncDisposable {
  readonly clients: AwsClients;
  /** What a process needs to reach it: AWS_ENDPOINT_URL, region, credentials. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Starts the embedded endpoint on a free port, its data gone when it is disposed of.
 *
 * @example await using aws = await emulatedAws();
 */
export async function emulatedAws(
  options: Pick<LocalAwsOptions, "registry"> = {},
): Promise<EmulatedAws> {
  await using stack = new AsyncDisposableStack();
  const { environment } = stack.use(await startLocalAws(options));
  const clients = stack.use(createAwsClients(awsSettingsFromEnv(environment)));
  const owned = stack.move();
  return { clients, environment, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
