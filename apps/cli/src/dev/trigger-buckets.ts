import { isMap, parseJson } from "@lava/core";
import type { AwsClients, Realm } from "@lava/realm";
import { devArns } from "./dev-arns.ts";

const CREATED = "s3:ObjectCreated:*";
const REMOVED = "s3:ObjectRemoved:*";
type BucketEvent = typeof CREATED | typeof REMOVED;

/**
 * Connects the buckets of what is deployed: those that triggers or rules name are made where they are missing, every
 * bucket tells EventBridge, and the buckets of triggers tell the s3trigger function, unless a rule does: of new objects,
 * and of removed ones where a trigger asks for them.
 */
export async function connectBuckets({ clients, name, s3triggers }: Realm): Promise<void> {
  const arn = await devArns(clients);
  const s3trigger = arn("lambda", `function:lava-${name}-s3trigger`);
  const [triggers, ruled] = await Promise.all([
    s3triggers.listItems(),
    bucketsOfRules(s3trigger, clients),
  ]);
  const triggered = new Map<string, Set<BucketEvent>>();
  for (const { bucket, if_event_type: type } of triggers) {
    if (typeof bucket !== "string") continue;
    const events = triggered.get(bucket) ?? new Set<BucketEvent>([CREATED]);
    if (typeof type === "string" && type.startsWith("ObjectRemoved")) events.add(REMOVED);
    triggered.set(bucket, events);
  }
  const [s3, sdk] = await Promise.all([clients.s3(), import("@aws-sdk/client-s3")]);
  const { Buckets = [] } = await s3.send(new sdk.ListBucketsCommand({}));
  const present = new Set(Buckets.map(({ Name = "" }) => Name));
  for (const Bucket of new Set([...triggered.keys(), ...ruled.named, ...present])) {
    if (!present.has(Bucket)) await s3.send(new sdk.CreateBucketCommand({ Bucket }));
    const Id = `lava-${name}-s3trigger`;
    const now = await s3.send(new sdk.GetBucketNotificationConfigurationCommand({ Bucket }));
    const { LambdaFunctionConfigurations: functions = [] } = now;
    const others = functions.filter((one) => one.Id !== Id);
    const Events = ruled.telling.has(Bucket) ? [] : [...(triggered.get(Bucket) ?? [])];
    const set = functions.find((one) => one.Id === Id)?.Events ?? [];
    // Each change sends a test event to whatever else is told.
    if (now.EventBridgeConfiguration !== undefined && String(set) === String(Events)) continue;
    const own = { Id, LambdaFunctionArn: s3trigger, Events };
    await s3.send(
      new sdk.PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          QueueConfigurations: now.QueueConfigurations,
          TopicConfigurations: now.TopicConfigurations,
          LambdaFunctionConfigurations: Events.length > 0 ? [...others, own] : others,
          EventBridgeConfiguration: {},
        },
      }),
    );
  }
}

/** Buckets that patterns of rules name, and those of them of which the s3trigger function is told so. */
async function bucketsOfRules(
  s3trigger: string,
  clients: AwsClients,
): Promise<{ readonly named: readonly string[]; readonly telling: ReadonlySet<string> }> {
  const [events, sdk] = await Promise.all([
    clients.eventBridge(),
    import("@aws-sdk/client-eventbridge"),
  ]);
  const { Rules = [] } = await events.send(new sdk.ListRulesCommand({}));
  const named: string[] = [];
  const telling = new Set<string>();
  for (const { Name, EventPattern } of Rules) {
    const buckets = bucketsOf(EventPattern);
    named.push(...buckets);
    if (buckets.length === 0) continue;
    const { Targets = [] } = await events.send(new sdk.ListTargetsByRuleCommand({ Rule: Name }));
    if (!Targets.some(({ Arn }) => Arn === s3trigger)) continue;
    for (const bucket of buckets) telling.add(bucket);
  }
  return { named, telling };
}

/** The names in a pattern's `detail.bucket.name`. */
function bucketsOf(pattern: string | undefined): string[] {
  const data: unknown = pattern === undefined ? undefined : parseJson(pattern);
  const detail: unknown = isMap(data) ? data["detail"] : undefined;
  const bucket: unknown = isMap(detail) ? detail["bucket"] : undefined;
  const names: unknown = isMap(bucket) ? bucket["name"] : undefined;
  return Array.isArray(names)
    ? names.filter((name: unknown): name is string => typeof name === "string")
    : [];
}
