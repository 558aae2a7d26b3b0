import { errorText, LavaError, type Logger } from "@lava/core";
import { formatDispatchMessage } from "@lava/spec";
import { awsErrorCode, fromAwsError, isAccessDenied } from "../aws-errors.ts";
import { endpointOf } from "../aws-settings.ts";
import type { DispatchClients } from "../clients.ts";
import type { WorkerQueue } from "./types.ts";

/** The limit of SQS for a body, in bytes (WF-076). */
const MAX_BODY = 262_144;

/** What a queue needs. */
export interface WorkerQueueOptions {
  /** Name of the queue, `lava-<realm>-<worker>`. */
  readonly name: string;
  /** For messages: whose queue it is. */
  readonly owner: { readonly realm: string; readonly worker: string };
  readonly clients: Pick<DispatchClients, "settings" | "sqs">;
  readonly logger: Logger;
}

/** The queue of one worker; nothing is asked of SQS before first use. */
export function openWorkerQueue(options: WorkerQueueOptions): WorkerQueue {
  const { name, owner, clients, logger } = options;
  let url: Promise<string> | undefined;
  let mayExtend = true;

  async function findUrl(): Promise<string> {
    const [sqs, { GetQueueUrlCommand }] = await load();
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    return QueueUrl ?? "";
  }

  const open = () => Promise.all([clients.sqs(), import("../sdk/sqs.ts")]);
  let opened: ReturnType<typeof open> | undefined;
  const load = (): ReturnType<typeof open> => (opened ??= open());

  /** Runs one call with the queue's address, and gives its faults their meaning. */
  async function call<T>(
    action: (queue: {
      QueueUrl: string;
      sqs: Awaited<ReturnType<typeof load>>[0];
      sdk: Awaited<ReturnType<typeof load>>[1];
    }) => Promise<T>,
  ): Promise<T> {
    try {
      url ??= findUrl();
      const QueueUrl = await url;
      const [sqs, sdk] = await load();
      return await action({ QueueUrl, sqs, sdk });
    } catch (error) {
      const code = awsErrorCode(error);
      // The next call asks for the address again: the queue may have been made anew.
      if (code !== "AbortError") url = undefined;
      if (/^(QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/.test(code)) {
        throw new LavaError(
          "NO_SUCH_QUEUE",
          `Worker ${owner.worker} of realm ${owner.realm} has no queue: there is no ${name} at ` +
            endpointOf(clients.settings, "SQS"),
          { cause: error, hint: "Check the worker's name, or make the worker's queue." },
        );
      }
      throw fromAwsError(error, clients.settings, "SQS");
    }
  }

  function checkSize(body: string): void {
    const size = Buffer.byteLength(body);
    if (size > MAX_BODY) {
      throw new LavaError(
        "MESSAGE_TOO_LARGE",
        `A dispatch message for ${name} has ${size} bytes; at most ${MAX_BODY} can be sent`,
        { retry: "never", hint: "Put large parameters into S3 or a state item and send its name." },
      );
    }
  }

  async function sendBody(
    body: string,
    { delay = 0 }: { delay?: number } = {},
  ): Promise<{ message_id: string }> {
    checkSize(body);
    return call(async ({ QueueUrl, sqs, sdk }) => {
      const { MessageId } = await sqs.send(
        new sdk.SendMessageCommand({
          QueueUrl,
          MessageBody: body,
          ...(delay > 0 ? { DelaySeconds: Math.min(900, Math.ceil(delay)) } : {}),
        }),
      );
      return { message_id: MessageId ?? "" };
    });
  }

  return {
    name,
    sendBody,
    async check(body) {
      checkSize(body);
      await call(async () => undefined);
    },
    async send(message, sendOptions) {
      return sendBody(formatDispatchMessage(message), sendOptions);
    },
    async sendBatch(entries) {
      return call(async ({ QueueUrl, sqs, sdk }) => {
        const { Failed = [] } = await sqs.send(
          new sdk.SendMessageBatchCommand({
            QueueUrl,
            Entries: entries.map(({ body, delay = 0 }, index) => ({
              Id: String(index),
              MessageBody: body,
              ...(delay > 0 ? { DelaySeconds: Math.min(900, Math.ceil(delay)) } : {}),
            })),
          }),
        );
        const faults = new Map(Failed.map(({ Id, Message, Code }) => [Id, Message ?? Code ?? ""]));
        return entries.map((_, index) => {
          const fault = faults.get(String(index));
          return fault === undefined ? undefined : new Error(fault);
        });
      });
    },
    async receive({ wait = 20, visibility, signal } = {}) {
      if (isAborted(signal)) return undefined;
      try {
        return await call(async ({ QueueUrl, sqs, sdk }) => {
          const { Messages } = await sqs.send(
            new sdk.ReceiveMessageCommand({
              QueueUrl,
              MaxNumberOfMessages: 1,
              WaitTimeSeconds: wait,
              // All of them, for whoever looks at the traffic (WK-020).
              MessageSystemAttributeNames: ["All"],
              MessageAttributeNames: ["All"],
              ...(visibility === undefined ? {} : { VisibilityTimeout: visibility }),
            }),
            signal ? { abortSignal: signal } : {},
          );
          const message = Messages?.[0];
          return (
            message && {
              message_id: message.MessageId ?? "",
              receipt: message.ReceiptHandle ?? "",
              body: message.Body ?? "",
              receives: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
              sent: Number(message.Attributes?.SentTimestamp ?? 0),
            }
          );
        });
      } catch (error) {
        if (isAborted(signal)) return undefined;
        throw error;
      }
    },
    async delete(receipt) {
      await call(({ QueueUrl, sqs, sdk }) =>
        sqs.send(new sdk.DeleteMessageCommand({ QueueUrl, ReceiptHandle: receipt })),
      );
    },
    async extend(receipt, seconds) {
      if (!mayExtend) return false;
      try {
        await call(({ QueueUrl, sqs, sdk }) =>
          sqs.send(
            new sdk.ChangeMessageVisibilityCommand({
              QueueUrl,
              ReceiptHandle: receipt,
              VisibilityTimeout: Math.ceil(seconds),
            }),
          ),
        );
        return true;
      } catch (error) {
        if (!isAccessDenied(error)) throw error;
        mayExtend = false;
        logger.warn(
          { queue: name, error: errorText(error) },
          "messages cannot be kept hidden for long runs: sqs:ChangeMessageVisibility is not granted",
        );
        return false;
      }
    },
    async depth() {
      return call(async ({ QueueUrl, sqs, sdk }) => {
        const { Attributes } = await sqs.send(
          new sdk.GetQueueAttributesCommand({
            QueueUrl,
            AttributeNames: [
              "ApproximateNumberOfMessages",
              "ApproximateNumberOfMessagesNotVisible",
              "ApproximateNumberOfMessagesDelayed",
            ],
          }),
        );
        return {
          visible: Number(Attributes?.ApproximateNumberOfMessages ?? 0),
          hidden: Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0),
          delayed: Number(Attributes?.ApproximateNumberOfMessagesDelayed ?? 0),
        };
      });
    },
  };
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal !== undefined && signal.aborted;
}
