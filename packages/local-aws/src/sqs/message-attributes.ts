import { createHash } from "node:crypto";
import { isJsonObject, type JsonObject } from "../protocols/json.ts";
import { invalidParameter } from "./errors.ts";

/** One attribute of a message, as it travels in JSON and is stored. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64. */
  readonly BinaryValue?: string;
}

/** The attributes of a message by name. */
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** Checks the attributes that a sender gives. */
export function parseMessageAttributes(input: JsonObject | undefined): MessageAttributes {
  const entries = Object.entries(input ?? {});
  if (entries.length > 10) {
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [10].`,
    );
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, parseAttribute(name, value)]));
}

function parseAttribute(name: string, value: unknown): MessageAttribute {
  if (!/^(?!(?:aws|amazon)\.|\.)[A-Za-z0-9_.-]{1,256}(?<!\.)$/i.test(name) || name.includes("..")) {
    throw invalidParameter(`The message attribute name '${name}' is invalid.`);
  }
  const type = isJsonObject(value) ? value["DataType"] : undefined;
  if (!isJsonObject(value) || typeof type !== "string" || type === "") {
    throw invalidParameter(
      `The message attribute '${name}' must contain non-empty message attribute type.`,
    );
  }
  const kind = /^(String|Number|Binary)(?:\.|$)/.exec(type)?.[1];
  if (kind === undefined) {
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const field = kind === "Binary" ? "BinaryValue" : "StringValue";
  const content = value[field];
  if (typeof content !== "string" || content === "") {
    throw invalidParameter(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    );
  }
  if (kind === "Number" && (content.trim() === "" || Number.isNaN(Number(content)))) {
    throw invalidParameter(
      `Can't cast the value of message (user) attribute '${name}' to a number.`,
    );
  }
  return { DataType: type, [field]: content };
}

/** Bytes that attributes add to the size of a message. */
export function attributesSize(attributes: MessageAttributes): number {
  let size = 0;
  for (const [name, attribute] of Object.entries(attributes)) {
    size +=
      Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + value(attribute).length;
  }
  return size;
}

/** MD5OfMessageAttributes, which SDKs compare with their own; undefined for no attributes. */
export function attributesMd5(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    add(Buffer.from(name));
    add(Buffer.from(attribute.DataType));
    hash.update(Buffer.of(attribute.BinaryValue === undefined ? 1 : 2));
    add(value(attribute));
  }
  return hash.digest("hex");
}

/** The attributes that a receiver asked for: names, `prefix.*`, `All` or `.*`. */
export function selectAttributes(
  attributes: MessageAttributes,
  names: readonly string[],
): MessageAttributes {
  if (names.length === 0) return {};
  if (names.includes("All") || names.includes(".*")) return attributes;
  const wanted = (name: string): boolean =>
    names.some((item) =>
      item.endsWith(".*") ? name.startsWith(item.slice(0, -1)) : name === item,
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}

/** Reads attributes that were stored as JSON. */
export function storedAttributes(json: string | undefined): MessageAttributes {
  if (json === undefined) return {};
  return parseMessageAttributesUnchecked(JSON.parse(json));
}

function parseMessageAttributesUnchecked(value: unknown): MessageAttributes {
  const result: Record<string, MessageAttribute> = {};
  for (const [name, item] of Object.entries(isJsonObject(value) ? value : {})) {
    if (!isJsonObject(item)) continue;
    const { DataType, StringValue, BinaryValue } = item;
    result[name] = {
      DataType: String(DataType),
      ...(typeof StringValue === "string" ? { StringValue } : {}),
      ...(typeof BinaryValue === "string" ? { BinaryValue } : {}),
    };
  }
  return result;
}

function value(attribute: MessageAttribute): Buffer {
  return attribute.BinaryValue === undefined
    ? Buffer.from(attribute.StringValue ?? "")
    : Buffer.from(attribute.BinaryValue, "base64");
}
