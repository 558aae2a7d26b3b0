import { randomBytes, randomUUID } from "node:crypto";
import type { EngineContext } from "../engine.ts";
import { AwsError } from "../errors.ts";
import { text } from "../store.ts";
import { openMailbox } from "./mailbox.ts";
import { composeMail, readHeaders, splitAddresses } from "./mime.ts";

/** A mail as either version of the API hands it in. */
export interface SendRequest {
  readonly region: string;
  readonly from?: string | undefined;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly replyTo: readonly string[];
  readonly returnPath?: string | undefined;
  readonly configurationSet?: string | undefined;
  readonly content:
    | { readonly raw: Buffer }
    | {
        readonly subject: string;
        readonly text?: string | undefined;
        readonly html?: string | undefined;
      };
}

/** What both versions of the API share. */
export interface Ses {
  /** @returns the message id */
  send(request: SendRequest): string;
  /** Every identity is verified at once. */
  addIdentity(name: string): void;
  removeIdentity(name: string): void;
  hasIdentity(name: string): boolean;
  /** Names, sorted. */
  listIdentities(): string[];
  addConfigurationSet(name: string): void;
  /** Mails of the last day. */
  readonly sent: () => number;
}

const MAX_RECIPIENTS = 50;
const MAX_BYTES = 40 * 1024 * 1024;

/** SES: identities and configuration sets in the store, mails in a folder. Any sender counts as verified. */
export function openSes({ store, clock, dataDir }: EngineContext): Ses {
  const mailbox = openMailbox(dataDir);
  store.exec(
    `CREATE TABLE IF NOT EXISTS ses_identities (name TEXT PRIMARY KEY) STRICT;
     CREATE TABLE IF NOT EXISTS ses_configuration_sets (name TEXT PRIMARY KEY) STRICT;
     CREATE TABLE IF NOT EXISTS ses_sent (time INTEGER NOT NULL) STRICT`,
  );

  const names = (table: string): string[] =>
    store
      .prepare(`SELECT name FROM ${table} ORDER BY name`)
      .all()
      .map((row) => text(row, "name"));

  return {
    send(request) {
      const { configurationSet, content } = request;
      if (
        configurationSet !== undefined &&
        !names("ses_configuration_sets").includes(configurationSet)
      ) {
        throw new AwsError(
          "ConfigurationSetDoesNotExist",
          `Configuration set <${configurationSet}> does not exist.`,
          { status: 400 },
        );
      }
      const raw =
        "raw" in content
          ? content.raw.toString("latin1")
          : composeMail({ ...request, ...content, from: request.from ?? "" });
      const headers = "raw" in content ? readHeaders(content.raw.toString("utf8")) : undefined;
      const addresses = (name: string): string[] => splitAddresses(headers?.get(name) ?? "");
      const from = request.from ?? headers?.get("from") ?? "";
      let destinations = [...request.to, ...request.cc, ...request.bcc];
      if (destinations.length === 0) {
        destinations = [...addresses("to"), ...addresses("cc"), ...addresses("bcc")];
      }
      checkAddresses(from, destinations);
      if (raw.length > MAX_BYTES) {
        throw new AwsError(
          "InvalidParameterValue",
          "Message length is more than 41943040 bytes long",
        );
      }
      const messageId = `${randomBytes(8).toString("hex")}-${randomUUID()}-000000`;
      const time = clock.now();
      store.write(() => {
        store.prepare("INSERT INTO ses_sent VALUES (?)").run(time);
        mailbox.add({
          messageId,
          time,
          region: request.region,
          from,
          destinations,
          replyTo: request.replyTo.length > 0 ? request.replyTo : addresses("reply-to"),
          returnPath: request.returnPath,
          configurationSet,
          subject: "raw" in content ? (headers?.get("subject") ?? "") : content.subject,
          ...("raw" in content ? {} : { text: content.text, html: content.html }),
          raw,
        });
      });
      return messageId;
    },
    addIdentity(name) {
      store.write(() => {
        store.prepare("INSERT OR IGNORE INTO ses_identities VALUES (?)").run(name);
      });
    },
    removeIdentity(name) {
      store.write(() => {
        store.prepare("DELETE FROM ses_identities WHERE name = ?").run(name);
      });
    },
    hasIdentity: (name) => names("ses_identities").includes(name),
    listIdentities: () => names("ses_identities"),
    addConfigurationSet(name) {
      store.write(() => {
        store.prepare("INSERT OR IGNORE INTO ses_configuration_sets VALUES (?)").run(name);
      });
    },
    sent() {
      const row = store
        .prepare("SELECT count(*) AS n FROM ses_sent WHERE time > ?")
        .get(clock.now() - 86_400_000);
      return Number(row?.["n"] ?? 0);
    },
  };
}

function checkAddresses(from: string, destinations: readonly string[]): void {
  const isAddress = (value: string): boolean => /[^\s@<]@[^\s@>]/.test(value);
  if (!isAddress(from)) {
    throw new AwsError(
      "InvalidParameterValue",
      from === "" ? "Missing 'From' header" : "Missing final '@domain'",
    );
  }
  if (destinations.length === 0) {
    throw new AwsError("InvalidParameterValue", "No recipients specified");
  }
  if (destinations.length > MAX_RECIPIENTS) {
    throw new AwsError("InvalidParameterValue", `Recipient count exceeds ${MAX_RECIPIENTS}.`);
  }
  for (const address of destinations) {
    if (!isAddress(address)) throw new AwsError("InvalidParameterValue", "Missing final '@domain'");
  }
}
