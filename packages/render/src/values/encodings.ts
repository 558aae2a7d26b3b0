import { PyError } from "./error.ts";

const LATIN: ReadonlySet<string> = new Set(["latin1", "iso88591", "l1", "8859", "cp819"]);

/** `utf8`, `ascii`, `latin1`, `utf16le`, ... of an encoding's many names. */
function known(encoding: string): "utf8" | "ascii" | "latin1" | "utf16le" | "utf16be" | "utf16" {
  const name = encoding.toLowerCase().replace(/[-_ ]/g, "");
  if (name === "utf8" || name === "u8" || name === "cp65001") return "utf8";
  if (name === "ascii" || name === "usascii" || name === "646") return "ascii";
  if (LATIN.has(name)) return "latin1";
  if (name === "utf16le" || name === "utf16be" || name === "utf16") return name;
  throw new PyError("LookupError", `unknown encoding: ${encoding}`);
}

/** `text.encode(encoding, errors)`. */
export function encodeText(text: string, encoding: string, errors: string): Uint8Array {
  const name = known(encoding);
  if (name === "utf8") return Uint8Array.from(Buffer.from(text, "utf8"));
  if (name === "utf16le") return Uint8Array.from(Buffer.from(text, "utf16le"));
  if (name === "utf16be") return Uint8Array.from(Buffer.from(text, "utf16le").swap16());
  if (name === "utf16") return Uint8Array.from(Buffer.from(`\ufeff${text}`, "utf16le"));
  const most = name === "ascii" ? 0x7f : 0xff;
  const label = name === "ascii" ? "ascii" : "latin-1";
  let out = "";
  const all = Array.from(text);
  for (const [index, character] of all.entries()) {
    const code = character.codePointAt(0) ?? 0;
    if (code <= most) out += character;
    else if (errors === "replace") out += "?";
    else if (errors === "xmlcharrefreplace") out += `&#${code};`;
    else if (errors === "backslashreplace") out += escaped(code);
    else if (errors !== "ignore") throw cannotEncode(all, index, label, most);
  }
  return Uint8Array.from(Buffer.from(out, "latin1"));
}

function escaped(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

function cannotEncode(all: readonly string[], start: number, label: string, most: number): PyError {
  let end = start + 1;
  while (end < all.length && (all[end]?.codePointAt(0) ?? 0) > most) end++;
  const what =
    end - start === 1
      ? `character '${escaped(all[start]?.codePointAt(0) ?? 0)}' in position ${start}`
      : `characters in position ${start}-${end - 1}`;
  return new PyError(
    "UnicodeEncodeError",
    `'${label}' codec can't encode ${what}: ordinal not in range(${most + 1})`,
  );
}

/** `data.decode(encoding, errors)`. */
export function decodeBytes(data: Uint8Array, encoding: string, errors: string): string {
  const name = known(encoding);
  if (name === "latin1") return Buffer.from(data).toString("latin1");
  if (name === "ascii") {
    const at = data.findIndex((byte) => byte > 0x7f);
    if (at >= 0 && errors === "strict") {
      throw new PyError(
        "UnicodeDecodeError",
        `'ascii' codec can't decode byte 0x${(data[at] ?? 0).toString(16)} in position ${at}: ` +
          "ordinal not in range(128)",
      );
    }
    return Array.from(data, (byte) =>
      byte <= 0x7f ? String.fromCharCode(byte) : errors === "ignore" ? "" : "\ufffd",
    ).join("");
  }
  if (name !== "utf8") {
    const label = name === "utf16be" ? "utf-16be" : "utf-16le";
    return new TextDecoder(label, { ignoreBOM: name !== "utf16" }).decode(data);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    if (errors === "replace") return new TextDecoder("utf-8", { ignoreBOM: true }).decode(data);
    if (errors === "ignore") {
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(data).replaceAll("\ufffd", "");
    }
    throw cannotDecode(data);
  }
}

function cannotDecode(data: Uint8Array): PyError {
  let at = 0;
  const size = (lead: number): number =>
    lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  for (;;) {
    const lead = data[at] ?? 0;
    const length = size(lead);
    const byte = `byte 0x${lead.toString(16).padStart(2, "0")} in position ${at}`;
    const fail = (text: string): PyError =>
      new PyError("UnicodeDecodeError", `'utf-8' codec can't decode ${text}`);
    if (length === 0) return fail(`${byte}: invalid start byte`);
    for (let offset = 1; offset < length; offset++) {
      const next = data[at + offset];
      const end = at + offset - 1;
      const range = offset === 1 ? byte : `bytes in position ${at}-${end}`;
      if (next === undefined) return fail(`${range}: unexpected end of data`);
      const low =
        offset === 1 && lead === 0xe0 ? 0xa0 : offset === 1 && lead === 0xf0 ? 0x90 : 0x80;
      const high =
        offset === 1 && lead === 0xed ? 0x9f : offset === 1 && lead === 0xf4 ? 0x8f : 0xbf;
      if (next < low || next > high) return fail(`${range}: invalid continuation byte`);
    }
    at += length;
  }
}
