import { LavaError, quoteShellWord } from "@lava/core";
import { defineConnector } from "../connector.ts";
import type { MailClient } from "./client.ts";
import { readMailRecord } from "./mail-record.ts";
import { checkSes, createSesClient } from "./ses-client.ts";

/** `ses`: the old form of mail by SES (CON-ses-01). */
export const ses = defineConnector({
  type: "ses",
  family: "mail",
  async open(connection, context): Promise<MailClient> {
    return createSesClient(connection.conn_id, readMailRecord(connection), context);
  },
  async cli(connection, { logger, realm }) {
    logger.warn(
      { event_type: "connection", conn_id: connection.conn_id },
      "Deprecation warning: The ses connector will be removed in a future release",
    );
    const record = readMailRecord(connection);
    const from = record.from ?? realm.config.SES_FROM;
    if (from === undefined) {
      throw new LavaError("BAD_CONNECTION_RECORD", 'No "from" for SES found', { retry: "never" });
    }
    const { profile } = realm.clients.settings;
    const options = [
      ...(profile === undefined ? [] : ["--profile", profile]),
      ...["--region", record.region ?? realm.config.SES_REGION ?? "us-east-1"],
      ...["ses", "send-email", "--from", from],
      ...(record.return_path === undefined ? [] : ["--return-path", record.return_path]),
      ...(record.reply_to.length === 0 ? [] : ["--reply-to-addresses", ...record.reply_to]),
    ];
    const words = options.map((word) => quoteShellWord(word)).join(" ");
    return { command: "ses", files: [{ name: "ses", content: script(words), mode: 0o700 }] };
  },
  check: (connection, context) => checkSes(readMailRecord(connection), context),
});

/** The body comes from standard input unless an option gives it. */
function script(words: string): string {
  return `#!/bin/bash
stdin=yes
for option
do
    case "$option" in
        --subject|--to|--cc|--bcc) ;;
        --html|--text) stdin=no ;;
        --*) echo "Bad option: $option" >&2; exit 1 ;;
    esac
done
if [ "$stdin" = no ]
then
    exec aws ${words} "$@"
fi
body=$(mktemp) || exit 1
trap 'rm -f "$body"' EXIT
cat > "$body"
kind=--text
head -n 1 "$body" | grep -qi '^<html>' && kind=--html
aws ${words} "$@" "$kind" "file://$body" || exit 2
`;
}
