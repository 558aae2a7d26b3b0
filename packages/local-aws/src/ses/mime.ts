/** Parts of a mail that SES itself puts together. */
export interface SimpleMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly replyTo: readonly string[];
  readonly subject: string;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
}

/** A message of one or two parts, in bytes as latin1 text. */
export function composeMail(mail: SimpleMail): string {
  const headers = [
    `From: ${mail.from}`,
    ...header("To", mail.to),
    ...header("Cc", mail.cc),
    ...header("Reply-To", mail.replyTo),
    `Subject: ${encodeWord(mail.subject)}`,
    "MIME-Version: 1.0",
  ];
  const parts = [
    ...(mail.text === undefined ? [] : [part("plain", mail.text)]),
    ...(mail.html === undefined ? [] : [part("html", mail.html)]),
  ];
  if (parts.length === 1) return `${[...headers, parts[0] ?? ""].join("\r\n")}\r\n`;
  const boundary = "=_lava_part";
  return [
    ...headers,
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    "",
    ...parts.flatMap((text) => [`--${boundary}`, text]),
    `--${boundary}--`,
    "",
  ].join("\r\n");
}

function header(name: string, addresses: readonly string[]): string[] {
  return addresses.length === 0 ? [] : [`${name}: ${addresses.join(", ")}`];
}

function part(subtype: string, text: string): string {
  const body = Buffer.from(text).toString("base64").replace(/.{76}/g, "$&\r\n");
  return `Content-Type: text/${subtype}; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}`;
}

function encodeWord(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;
}

/** Headers of a raw message by their names in small letters, unfolded; encoded words are read. */
export function readHeaders(raw: string): Map<string, string> {
  const end = /\r?\n\r?\n/.exec(raw)?.index ?? raw.length;
  const lines = raw
    .slice(0, end)
    .replace(/\r?\n[ \t]+/g, " ")
    .split(/\r?\n/);
  return new Map(
    lines.flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 1
        ? []
        : [
            [
              line.slice(0, colon).toLowerCase(),
              decodeWords(line.slice(colon + 1).trim()),
            ] as const,
          ];
    }),
  );
}

function decodeWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?[\w-]+\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, value: string) =>
      kind.toUpperCase() === "B"
        ? Buffer.from(value, "base64").toString("utf8")
        : Buffer.from(
            value
              .replaceAll("_", " ")
              .replace(/=([0-9A-F]{2})/gi, (_all, hex: string) =>
                String.fromCharCode(Number.parseInt(hex, 16)),
              ),
            "latin1",
          ).toString("utf8"),
    );
}

/** Addresses of a header: commas inside quotes and comments do not count. */
export function splitAddresses(text: string): string[] {
  const pieces = text.match(/(?:"(?:\\.|[^"])*"|[^,])+/g) ?? [];
  return pieces.map((piece) => piece.trim()).filter((piece) => piece !== "");
}
