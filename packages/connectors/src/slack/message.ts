import { LavaError } from "@lava/core";

/** How a message looks. */
export const slackStyles = ["block", "attachment", "plain"] as const;

/** A layout of messages. */
export type SlackStyle = (typeof slackStyles)[number];

/** One message to a channel; what is absent is the connection's. */
export interface SlackMessage {
  readonly message: string;
  readonly subject?: string | undefined;
  readonly from?: string | undefined;
  readonly style?: string | undefined;
  /** For `attachment`: `#rrggbb`, or good, warning, danger. */
  readonly colour?: string | undefined;
  /** What the message begins with, such as `<!here>`. */
  readonly preamble?: string | undefined;
}

const MAX_SUBJECT = 250;
const MAX_MESSAGE = 3000;
const NAMED_COLOURS = new Set(["good", "warning", "danger"]);

/**
 * The JSON that Slack's webhook takes (WF-223, CON-slack-02, 03, 05).
 *
 * @param time seconds since the epoch
 * @throws {LavaError} BAD_SLACK_MESSAGE
 */
export function toSlackPayload(given: SlackMessage, time: number): object {
  if (given.message === "") throw bad("Cannot send slack message: message must be specified");
  const message = cut(given.message, MAX_MESSAGE);
  const subject = given.subject ? cut(given.subject, MAX_SUBJECT) : undefined;
  const { from, preamble } = given;
  const text = joined([preamble, from && `*${from}*:`, subject && `*${subject}*:`, message], " ");
  switch (given.style || "block") {
    case "plain":
      return { text };
    case "attachment":
      return {
        attachments: [
          {
            fallback: message,
            author_name: from,
            color: toColour(given.colour ?? "#bbbbbb"),
            text: message,
            footer: "Event time",
            ts: time,
            ...(subject === undefined ? {} : { title: subject }),
          },
        ],
        ...(preamble ? { text: preamble } : {}),
      };
    case "block":
      break;
    default:
      throw bad(`Bad slack message style: ${given.style}`);
  }
  const section = (content: string) => ({
    type: "section",
    text: { type: "mrkdwn", text: content },
  });
  const header = [preamble, from && `*From*: ${from}`, subject && `*Subject*: ${subject}`];
  const footer = `Event time: <!date^${time}^{date_short_pretty} at {time}| >`;
  return {
    text,
    blocks: [
      section(joined(header, "\n")),
      { type: "divider" },
      section(message),
      { type: "context", elements: [{ type: "mrkdwn", text: footer }] },
    ],
  };
}

function joined(parts: readonly (string | undefined)[], by: string): string {
  return parts.filter((part) => part).join(by);
}

/** So many characters, as Python counts them. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : [...text].slice(0, length).join("");
}

function toColour(colour: string): string {
  return colour.startsWith("#") || NAMED_COLOURS.has(colour) ? colour : `#${colour}`;
}

function bad(message: string): LavaError {
  return new LavaError("BAD_SLACK_MESSAGE", message, { retry: "never" });
}
