import { defineAction } from "../action.ts";
import { toMessageText } from "../message-text.ts";

/** Longest subject that SNS takes. */
const MAX_SUBJECT = 100;

/** `sns`: publishes to a topic (ACT-sns-01, WF-221). */
export const sns = defineAction({
  type: "sns",
  async run(action, context, result) {
    const Message = context.render(
      toMessageText(action.message),
      { result },
      { path: ["message"] },
    );
    const subject =
      action.subject === undefined
        ? undefined
        : context.render(action.subject, { result }, { path: ["subject"] });
    const client = await context.realm.clients.sns();
    const { PublishCommand } = await import("@aws-sdk/client-sns");
    await client.send(
      new PublishCommand({
        TopicArn: action.topic,
        Message,
        ...(subject === undefined ? {} : { Subject: [...subject].slice(0, MAX_SUBJECT).join("") }),
      }),
      { abortSignal: context.signal },
    );
  },
});
