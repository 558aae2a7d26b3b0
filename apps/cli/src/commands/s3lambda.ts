import type { DataMap } from "@lava/core";
import { LavaError } from "@lava/core";
import type { AwsClients } from "@lava/realm";
import type { CliContext, Register } from "../command.ts";
import { matchExtGlob } from "../ext-glob.ts";
import { count } from "../option-values.ts";
import { printLine } from "../output.ts";

interface S3LambdaOptions {
  readonly batch: number;
  readonly glob?: string;
  readonly lambda?: string;
  readonly sleep: number;
  readonly zero?: boolean;
  readonly profile?: string;
}

/** Status when an event could not be sent, as the original has it (CLI-207). */
const FAILED = 3;

/** `lava s3lambda`, the original's `s3lambda` (CLI-204..208, LAM-222). */
export const registerS3Lambda: Register = (program, context) => {
  program
    .command("s3lambda")
    .description(
      "send made-up events for objects that are there already to a Lambda function, or print them",
    )
    .argument("<bucket>", "name of the bucket")
    .argument("<prefix...>", 'below these prefixes; "" is the whole bucket')
    .option("-b, --batch <count>", "pause after so many", count, 5)
    .option("-g, --glob <pattern>", "only keys that match this extended glob of bash")
    .option("-l, --lambda <name>", "the function (default: print the events)")
    .option("-s, --sleep <seconds>", "length of a pause", seconds, 2)
    .option("-z, --zero", "also objects of no length")
    .option("--profile <name>", "AWS profile")
    .action((bucket: string, prefixes: string[], options: S3LambdaOptions) =>
      sendEvents(bucket, prefixes, options, context),
    );
};

async function sendEvents(
  bucket: string,
  prefixes: readonly string[],
  options: S3LambdaOptions,
  context: CliContext,
): Promise<void> {
  const { batch, lambda, sleep, profile } = options;
  const { stderr, stdout, clock, signal } = context;
  const [{ awsSettingsFromEnv, createAwsClients }, { makeS3Event }] = await Promise.all([
    import("@lava/realm"),
    import("@lava/lambdas"),
  ]);
  const settings = awsSettingsFromEnv(context.env);
  await using clients = createAwsClients(
    profile === undefined ? settings : { ...settings, profile, credentials: undefined },
  );
  const region = await regionOf(clients);
  let sent = 0;
  try {
    for await (const { key, size } of objects(bucket, prefixes, options, clients)) {
      if (lambda !== undefined && sent > 0 && sent % batch === 0) {
        await clock.sleep(sleep * 1000, signal);
      }
      sent += 1;
      if (lambda !== undefined) printLine(stderr, key);
      const type = "ObjectCreated:Put";
      const event = makeS3Event({ bucket, key, size, type, region, time: clock.now() });
      if (lambda === undefined) printLine(stdout, JSON.stringify(event));
      else await invoke(lambda, event, clients);
    }
  } catch (error) {
    signal.throwIfAborted();
    printLine(stderr, `s3lambda: ${error instanceof Error ? error.message : String(error)}`);
    context.exitStatus = FAILED;
  }
}

async function* objects(
  Bucket: string,
  prefixes: readonly string[],
  { glob, zero }: S3LambdaOptions,
  clients: AwsClients,
): AsyncGenerator<{ readonly key: string; readonly size: number }> {
  const [client, { paginateListObjectsV2 }] = await Promise.all([
    clients.s3(),
    import("@aws-sdk/client-s3"),
  ]);
  for (const Prefix of prefixes) {
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
      for (const { Key: key = "", Size: size = 0 } of Contents) {
        if (size === 0 && zero !== true) continue;
        if (glob === undefined || matchExtGlob(glob, key)) yield { key, size };
      }
    }
  }
}

async function invoke(FunctionName: string, event: DataMap, clients: AwsClients): Promise<void> {
  const [lambda, { InvokeCommand }] = await Promise.all([
    clients.lambda(),
    import("@aws-sdk/client-lambda"),
  ]);
  await lambda.send(
    new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: JSON.stringify(event) }),
  );
}

/** @throws {LavaError} AWS_NO_REGION */
async function regionOf(clients: AwsClients): Promise<string> {
  try {
    return await (await clients.s3()).config.region();
  } catch (error) {
    throw new LavaError("AWS_NO_REGION", "Cannot determine AWS region", {
      cause: error,
      hint: "Set AWS_REGION.",
    });
  }
}

/** @throws {LavaError} BAD_OPTIONS */
function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && Number.isFinite(value)) return value;
  throw new LavaError("BAD_OPTIONS", `${text} is no number of seconds`, { kind: "usage" });
}
