import { randomUUID } from "node:crypto";
import { errorText } from "@lava/core";
import { isAccessDenied, type Realm } from "@lava/realm";
import { queueName } from "@lava/spec";
import type { Check } from "./check.ts";

/** Tries what a worker does, leaving nothing but items that expire: to read a permission is not to have it. */
export async function checkPermissions(realm: Realm, worker = "doctor"): Promise<Check[]> {
  const origin = { worker, hostname: "lava-doctor" };
  const run = { job_id: "lava/doctor", run_id: randomUUID() };
  const attempt = async (
    name: string,
    denied: Check["status"],
    hint: string,
    work: () => Promise<unknown>,
  ): Promise<Check> => {
    try {
      await work();
      return { name, status: "ok", text: "allowed" };
    } catch (error) {
      const status = isAccessDenied(error) ? denied : "failed";
      return { name, status, text: errorText(error) || String(error), hint };
    }
  };
  return Promise.all([
    attempt(
      "writes to events",
      "failed",
      "Workers need dynamodb:UpdateItem on the events table.",
      () => realm.events.append(run, [{ status: "skipped", info: "lava doctor" }], { origin }),
    ),
    attempt("writes to the temp area", "failed", "Workers need s3:PutObject below s3_temp.", () =>
      realm.temp.putOutput(run, "doctor", "lava doctor"),
    ),
    attempt("reads of payloads", "failed", "Workers need s3:ListBucket and s3:GetObject.", () =>
      realm.payloads.list("lava-doctor/"),
    ),
    attempt(
      "visibility of messages",
      "warning",
      "Without sqs:ChangeMessageVisibility runs are not extended: claims and leases guard them.",
      () => tryVisibility(realm, worker),
    ),
  ]);
}

/** A receipt that is not valid is refused only after the permission was looked at. */
async function tryVisibility(realm: Realm, worker: string): Promise<void> {
  const workers = await realm.listWorkers();
  const name = workers.includes(worker) ? worker : workers[0];
  if (name === undefined) return;
  try {
    const sqs = await realm.clients.sqs();
    const { ChangeMessageVisibilityCommand, GetQueueUrlCommand } =
      await import("@aws-sdk/client-sqs");
    const { QueueUrl } = await sqs.send(
      new GetQueueUrlCommand({ QueueName: queueName(realm.name, name) }),
    );
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: "lava-doctor",
        VisibilityTimeout: 0,
      }),
    );
  } catch (error) {
    if (isAccessDenied(error)) throw error;
  }
}
