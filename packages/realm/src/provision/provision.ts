import { systemClock } from "@lava/core";
import { queueName, realmsTable, realmsTableDefinition, tableDefinitions } from "@lava/spec";
import { fromAwsError } from "../aws-errors.ts";
import type { AwsClients } from "../clients.ts";
import { ConditionFailed, createDocuments } from "../documents.ts";
import { createExpression } from "../expression.ts";
import { openObjectStore } from "../objects/object-store.ts";
import { createTable, deleteTable, ignoring } from "./create-table.ts";
import type { RealmResources } from "./types.ts";

/** Visibility and retention of a worker's queue, seconds (WF-012). */
const QUEUE_ATTRIBUTES = { VisibilityTimeout: "3600", MessageRetentionPeriod: "86400" };

/**
 * Makes what a realm needs where it is missing: bucket, tables, a queue for each worker, the realm record. Safe to
 * repeat; nothing that exists is changed.
 */
export async function createRealmResources(
  clients: AwsClients,
  resources: RealmResources,
): Promise<void> {
  const { realm, workers, bucket, clock = systemClock } = resources;
  await Promise.all([
    createBucket(bucket, clients),
    ...[realmsTableDefinition, ...tableDefinitions(realm)].map((definition) =>
      createTable(definition, clients, clock),
    ),
    ...workers.map((worker) => createQueue(queueName(realm, worker), clients)),
  ]);
  await createRealmRecord(clients, resources);
  resources.logger?.info({ realm, workers, bucket }, "realm is there");
}

/** Removes a realm with everything in it: record, tables, queues, bucket. The table of realms stays. */
export async function deleteRealmResources(
  clients: AwsClients,
  { realm, workers, bucket, clock = systemClock }: Omit<RealmResources, "record" | "logger">,
): Promise<void> {
  await createDocuments(clients).delete(realmsTable, { realm });
  await Promise.all([
    deleteBucket(bucket, clients),
    ...tableDefinitions(realm).map(({ name }) => deleteTable(name, clients, clock)),
    ...workers.map((worker) => deleteQueue(queueName(realm, worker), clients)),
  ]);
}

async function createRealmRecord(
  clients: AwsClients,
  { realm, bucket, record }: RealmResources,
): Promise<void> {
  const expression = createExpression();
  const item = {
    s3_payloads: `s3://${bucket}/payloads`,
    s3_temp: `s3://${bucket}/tmp`,
    ...record,
    realm,
  };
  try {
    await createDocuments(clients).put(realmsTable, item, {
      text: `attribute_not_exists(${expression.name("realm")})`,
      expression,
    });
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

async function createBucket(bucket: string, clients: AwsClients): Promise<void> {
  try {
    const [s3, { CreateBucketCommand }] = await Promise.all([clients.s3(), import("../sdk/s3.ts")]);
    await ignoring(/^BucketAlreadyOwnedByYou$/, () =>
      s3.send(new CreateBucketCommand({ Bucket: bucket })),
    );
  } catch (error) {
    throw fromAwsError(error, clients.settings, "S3");
  }
}

async function deleteBucket(bucket: string, clients: AwsClients): Promise<void> {
  const [s3, { DeleteBucketCommand }] = await Promise.all([clients.s3(), import("../sdk/s3.ts")]);
  const objects = openObjectStore({ bucket, prefix: "", clients, s3_key: undefined });
  await ignoring(/^(NoSuchBucket|NO_SUCH_BUCKET)$/, async () => {
    const found = await objects.list();
    await objects.delete(found.map((object) => object.name));
    await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
  });
}

async function createQueue(name: string, clients: AwsClients): Promise<void> {
  try {
    const [sqs, { CreateQueueCommand }] = await Promise.all([
      clients.sqs(),
      import("../sdk/sqs.ts"),
    ]);
    // A queue of other attributes is left as it is.
    await ignoring(/^(QueueNameExists|QueueAlreadyExists)$/, () =>
      sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: QUEUE_ATTRIBUTES })),
    );
  } catch (error) {
    throw fromAwsError(error, clients.settings, "SQS");
  }
}

async function deleteQueue(name: string, clients: AwsClients): Promise<void> {
  const [sqs, { GetQueueUrlCommand, DeleteQueueCommand }] = await Promise.all([
    clients.sqs(),
    import("../sdk/sqs.ts"),
  ]);
  await ignoring(/^(QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/, async () => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  });
}
