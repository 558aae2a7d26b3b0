import { errorText, LavaError } from "@lava/core";
import type { Realm } from "@lava/realm";
import type { StoredConnection } from "@lava/spec";
import { commandWrapper } from "../command-wrapper.ts";
import { defineConnector } from "../connector.ts";
import { pythonText } from "../python-text.ts";
import { checkKeys } from "../record-keys.ts";
import { type SlackMessage, slackStyles, toSlackPayload } from "./message.ts";

/** What sends messages to one Slack channel. */
export interface SlackClient extends AsyncDisposable {
  /** @throws {LavaError} BAD_SLACK_MESSAGE, SLACK_FAILED */
  send(message: SlackMessage): Promise<void>;
}

const TIMEOUT_MS = 10_000;

/** `slack`: a channel, by webhook (CON-slack-01 to 05). */
export const slack = defineConnector({
  type: "slack",
  family: "chat",
  async open(connection, { realm }): Promise<SlackClient> {
    const defaults = readDefaults(connection, realm);
    const url = await webhookOf(connection, realm);
    return {
      async send(message) {
        const given = Object.entries(message).filter(
          ([, value]) => value !== undefined && value !== "",
        );
        const whole = { ...defaults, message: "", ...Object.fromEntries(given) };
        const payload = toSlackPayload(whole, Math.floor(realm.clock.now() / 1000));
        await post(connection.conn_id, url, payload);
      },
      async [Symbol.asyncDispose]() {},
    };
  },
  async cli(connection, context) {
    readDefaults(connection, context.realm);
    return commandWrapper("lava-slack", connection.conn_id, context);
  },
  async check(connection, { realm }) {
    // A webhook can only be asked by sending: what can be checked is the record and its secret.
    readDefaults(connection, realm);
    return { server: `Slack ${new URL(await webhookOf(connection, realm)).host}` };
  },
});

function readDefaults(
  { conn_id, enabled, raw }: StoredConnection,
  realm: Realm,
): Omit<SlackMessage, "message"> {
  checkKeys(
    raw,
    {
      required: ["conn_id", "type", "webhook_url"],
      optional: [
        ...["enabled", "description", "owner", "secret_id"],
        ...["from", "style", "colour", "preamble"],
      ],
    },
    `Connection ${conn_id}: `,
  );
  if (!enabled) {
    throw new LavaError("CONNECTION_DISABLED", `Connection ${conn_id}: Not enabled`, {
      retry: "never",
    });
  }
  const text = (name: string): string | undefined => {
    const value = raw[name];
    return value === undefined || value === null || value === "" ? undefined : pythonText(value);
  };
  const style = text("style") ?? "block";
  if (!slackStyles.some((known) => known === style)) {
    throw new LavaError("BAD_CONNECTION_RECORD", `Connection "${conn_id}": Bad style ${style}`, {
      retry: "never",
      hint: `Use one of ${slackStyles.join(", ")}.`,
    });
  }
  return {
    from: text("from") ?? `lava@${realm.name}`,
    style,
    colour: text("colour") ?? "#bbbbbb",
    preamble: text("preamble"),
  };
}

/** The webhook is a secret: written as it is, or as the name of an SSM parameter. */
async function webhookOf({ conn_id, raw }: StoredConnection, realm: Realm): Promise<string> {
  const written = raw["webhook_url"];
  if (typeof written !== "string") {
    throw new LavaError("BAD_CONNECTION_RECORD", `Connection ${conn_id}: webhook_url must be text`);
  }
  const url = /^https?:\/\//i.test(written) ? written : await realm.secrets.parameter(written);
  realm.redactor.add(url);
  if (URL.canParse(url)) return url;
  throw new LavaError("BAD_CONNECTION_RECORD", `Connection ${conn_id}: webhook_url is not a URL`, {
    retry: "never",
  });
}

async function post(conn_id: string, url: string, payload: object): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(payload),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new LavaError(
      "SLACK_FAILED",
      `${conn_id}: Slack cannot be reached: ${errorText(cause)}`,
      {
        cause: error,
      },
    );
  }
  const text = (await response.text()).slice(0, 500);
  if (response.ok) return;
  throw new LavaError("SLACK_FAILED", `Slack response ${response.status} - ${text}`);
}
