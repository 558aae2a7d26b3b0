import type { AwsClients } from "@lava/realm";
import { functionArchive } from "../functions/function-archive.ts";
import type { OwnFunction } from "../functions/own-functions.ts";
import { devArns } from "./dev-arns.ts";

/** Who may call a function. */
interface Caller {
  readonly id: string;
  readonly principal: string;
  readonly source?: string;
}

const loadLambda = () => import("@aws-sdk/client-lambda");

/**
 * Makes, or brings up to date, what a realm's stack makes in AWS: the functions dispatch and s3trigger (INF-250, 251),
 * the dispatch topic (INF-153) and who may call them (INF-262, 263). Buckets may too, all of them, which in AWS is left
 * to whoever sets their notifications (INF-264).
 */
export async function installFunctions(realm: string, clients: AwsClients): Promise<void> {
  const arn = await devArns(clients);
  const name = (own: OwnFunction): string => `lava-${realm}-${own}`;
  const topic = arn("sns", `lava-${realm}-dispatch`);

  const role = arn("iam", `role/lava-${realm}-dispatch-lambda`);
  await Promise.all([
    installFunction(realm, "s3trigger", role, clients),
    installFunction(realm, "dispatch", role, clients),
  ]);
  const rules = arn("events", `rule/lava.${realm}.*`);
  await allow(name("dispatch"), { id: "topic", principal: "sns", source: topic }, clients);
  await allow(name("s3trigger"), { id: "rules", principal: "events", source: rules }, clients);
  await allow(name("s3trigger"), { id: "buckets", principal: "s3" }, clients);
  const [sns, { CreateTopicCommand, SubscribeCommand }] = await Promise.all([
    clients.sns(),
    import("@aws-sdk/client-sns"),
  ]);
  await sns.send(new CreateTopicCommand({ Name: `lava-${realm}-dispatch` }));
  await sns.send(
    new SubscribeCommand({
      TopicArn: topic,
      Protocol: "lambda",
      Endpoint: arn("lambda", `function:${name("dispatch")}`),
    }),
  );
}

async function installFunction(
  realm: string,
  own: OwnFunction,
  Role: string,
  clients: AwsClients,
): Promise<void> {
  const [lambda, sdk, ZipFile] = await Promise.all([
    clients.lambda(),
    loadLambda(),
    functionArchive(own),
  ]);
  const settings = {
    FunctionName: `lava-${realm}-${own}`,
    Runtime: "nodejs24.x" as const,
    Handler: `${own}.handler`,
    Role,
    Timeout: 60,
    MemorySize: 200,
    Environment: {
      // What is deployed counts at once.
      Variables: { LAVA_REALM: realm, LOGLEVEL: "info", LAVA_S3TRIGGER_CACHE_TTL: "0s" },
    },
  };
  try {
    await lambda.send(new sdk.CreateFunctionCommand({ ...settings, Code: { ZipFile } }));
  } catch (error) {
    if (!(error instanceof sdk.ResourceConflictException)) throw error;
    // Instances of before go, and with them what they have loaded of sources that were edited since.
    await lambda.send(
      new sdk.UpdateFunctionCodeCommand({ FunctionName: settings.FunctionName, ZipFile }),
    );
    await lambda.send(new sdk.UpdateFunctionConfigurationCommand(settings));
  }
}

async function allow(
  FunctionName: string,
  { id, principal, source }: Caller,
  clients: AwsClients,
): Promise<void> {
  const [lambda, sdk] = await Promise.all([clients.lambda(), loadLambda()]);
  try {
    await lambda.send(
      new sdk.AddPermissionCommand({
        FunctionName,
        StatementId: id,
        Action: "lambda:InvokeFunction",
        Principal: `${principal}.amazonaws.com`,
        ...(source === undefined ? {} : { SourceArn: source }),
      }),
    );
  } catch (error) {
    if (!(error instanceof sdk.ResourceConflictException)) throw error;
  }
}
