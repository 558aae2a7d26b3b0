import { type ActionContext, defineAction } from "../action.ts";
import { dispatchDelay } from "../children/dispatch-request.ts";
import { toMessageText } from "../message-text.ts";

/** `sqs`: sends a message to a queue (ACT-sqs-01, WF-222). */
export const sqs = defineAction({
  type: "sqs",
  async run(action, context, result) {
    const render = (text: string, field: string): string =>
      context.render(text, { result }, { path: [field] });
    const delay = dispatchDelay(action.delay, context.config.SQS_MAX_DELAY_MINS, "Must");
    const isFifo = action.queue.endsWith(".fifo");
    const ids = {
      ...(isFifo && action.dedup_id
        ? { MessageDeduplicationId: render(action.dedup_id, "dedup_id") }
        : {}),
      ...(isFifo && action.group_id ? { MessageGroupId: render(action.group_id, "group_id") } : {}),
    };
    const MessageBody = render(toMessageText(action.message), "message");
    const QueueUrl = await toQueueUrl(action.queue, context);
    const client = await context.realm.clients.sqs();
    const { SendMessageCommand } = await import("@aws-sdk/client-sqs");
    await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody,
        // A FIFO queue takes no delay of a message, not even 0.
        ...(isFifo && delay === 0 ? {} : { DelaySeconds: delay }),
        ...ids,
      }),
      { abortSignal: context.signal },
    );
  },
});

/** A URL with or without its scheme, or the URL of the queue of that name. */
async function toQueueUrl(queue: string, { realm, signal }: ActionContext): Promise<string> {
  if (/^https?:\/\//.test(queue)) return queue;
  if (queue.includes(".amazonaws.com/")) return `https://${queue}`;
  const client = await realm.clients.sqs();
  const { GetQueueUrlCommand } = await import("@aws-sdk/client-sqs");
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queue }), {
    abortSignal: signal,
  });
  return QueueUrl ?? queue;
}
