import type { Delivery } from "../engine.ts";
import { isJsonObject } from "../protocols/json.ts";

/** The event that a function gets for what another service delivers, as JSON; undefined for S3's test events. */
export function toEvent({ source, body, attributes }: Delivery): string | undefined {
  const service = source.split(":")[2];
  if (service === "s3" && body.includes('"s3:TestEvent"')) {
    const event: unknown = JSON.parse(body);
    if (isJsonObject(event) && event["Event"] === "s3:TestEvent") return undefined;
  }
  if (service !== "sns") return body;
  const envelope: unknown = JSON.parse(body);
  if (!isJsonObject(envelope)) return body;
  const { SigningCertURL, UnsubscribeURL, ...sns } = envelope;
  return JSON.stringify({
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscriptionArn(String(UnsubscribeURL), source),
        Sns: {
          Subject: null,
          MessageAttributes: attributes ?? {},
          ...sns,
          SigningCertUrl: SigningCertURL,
          UnsubscribeUrl: UnsubscribeURL,
        },
      },
    ],
  });
}

function subscriptionArn(url: string, source: string): string {
  return new URLSearchParams(url.slice(url.indexOf("?") + 1)).get("SubscriptionArn") ?? source;
}
