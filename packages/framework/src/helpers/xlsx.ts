import { inflateRawSync } from "node:zlib";
import { LavaError } from "@lava/core";

/**
 * The cells of one worksheet of an Excel workbook, as texts; empty cells are empty texts.
 *
 * @param name Of the worksheet; the first one by default.
 * @throws {LavaError} TEMPLATE_HELPER
 */
export function readSheet(workbook: Buffer, name: string | undefined): string[][] {
  const files = readZip(workbook);
  const text = (path: string): string => files(path)?.toString("utf8") ?? "";
  const sheets = [...text("xl/workbook.xml").matchAll(/<(?:\w+:)?sheet\b[^>]*>/g)].map(([tag]) => ({
    name: attribute(tag, "name"),
    id: attribute(tag, "r:id"),
  }));
  const sheet = name === undefined ? sheets[0] : sheets.find((one) => one.name === name);
  if (sheet === undefined) {
    const known = sheets.map((one) => one.name).join(", ");
    throw fault(
      name === undefined
        ? "the file is no Excel workbook"
        : `Worksheet ${name} does not exist. (there are: ${known})`,
    );
  }
  const relation = [
    ...text("xl/_rels/workbook.xml.rels").matchAll(/<(?:\w+:)?Relationship\b[^>]*>/g),
  ].find(([tag]) => attribute(tag, "Id") === sheet.id)?.[0];
  const target = attribute(relation ?? "", "Target");
  const path = target.startsWith("/") ? target.slice(1) : `xl/${target}`;
  const shared = [...text("xl/sharedStrings.xml").matchAll(element("si"))].map((match) =>
    textOf(match[2] ?? ""),
  );
  return cellsOf(text(path), shared);
}

function cellsOf(xml: string, shared: readonly string[]): string[][] {
  const rows: string[][] = [];
  for (const [, , row = ""] of xml.matchAll(element("row"))) {
    const cells: string[] = [];
    for (const [, tag = "", content = ""] of row.matchAll(element("c"))) {
      const column = columnOf(attribute(tag, "r")) ?? cells.length;
      while (cells.length < column) cells.push("");
      cells[column] = valueOf(attribute(tag, "t"), content, shared);
    }
    rows.push(cells);
  }
  return rows;
}

function valueOf(type: string, content: string, shared: readonly string[]): string {
  if (type === "inlineStr") return textOf(content);
  const value = decode(content.match(/<(?:\w+:)?v\b[^>]*>([^<]*)</)?.[1] ?? "");
  return type === "s" ? (shared[Number(value)] ?? "") : value;
}

/** An element with its attributes and content, or one without content. */
function element(name: string): RegExp {
  return new RegExp(
    `<(?:\\w+:)?${name}((?:\\s[^>]*?)?)(?:/>|>([\\s\\S]*?)</(?:\\w+:)?${name}>)`,
    "g",
  );
}

/** All texts `<t>` inside of an element, phonetic hints left out. */
function textOf(xml: string): string {
  const plain = xml.replace(element("rPh"), "");
  return [...plain.matchAll(element("t"))].map((match) => decode(match[2] ?? "")).join("");
}

/** `B3` -> 1. */
function columnOf(reference: string): number | undefined {
  const letters = /^[A-Z]+/.exec(reference)?.[0];
  if (letters === undefined) return undefined;
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function attribute(tag: string, name: string): string {
  return decode(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function decode(text: string): string {
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(String(hex), 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[String(name)] ?? all;
  });
}

/** Files of a zip archive by name, by its central directory. */
function readZip(zip: Buffer): (path: string) => Buffer | undefined {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0) throw fault("the file is no Excel workbook");
  const entries = new Map<string, { method: number; size: number; at: number }>();
  let at = zip.readUInt32LE(end + 16);
  for (let count = zip.readUInt16LE(end + 10); count > 0; count -= 1) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength);
    entries.set(name, {
      method: zip.readUInt16LE(at + 10),
      size: zip.readUInt32LE(at + 20),
      at: zip.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return (path) => {
    const entry = entries.get(path);
    if (entry === undefined) return undefined;
    const start = entry.at + 30 + zip.readUInt16LE(entry.at + 26) + zip.readUInt16LE(entry.at + 28);
    const packed = zip.subarray(start, start + entry.size);
    if (entry.method === 0) return packed;
    return inflateRawSync(packed, { maxOutputLength: 64 * 1024 * 1024 });
  };
}

function fault(message: string): LavaError {
  return new LavaError("TEMPLATE_HELPER", message);
}
