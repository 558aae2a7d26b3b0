/** Percent-decoding as Python's `unquote_plus`: `+` is a blank, what is no escape stays, bytes that are no UTF-8 become U+FFFD. */
export function unquotePlus(text: string): string {
  return text
    .replaceAll("+", " ")
    .replace(/(?:%[\dA-Fa-f]{2})+/g, (run) =>
      Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"),
    );
}
