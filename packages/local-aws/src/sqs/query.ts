import type { JsonObject, JsonOperation } from "../protocols/json.ts";
import { isJsonObject } from "../protocols/json.ts";
import type { QueryInput, QueryOperation, QueryOutput } from "../protocols/query.ts";
import type { XmlValue } from "../protocols/xml.ts";
import type { MessageAttribute } from "./message-attributes.ts";

/** Lets clients that speak the older query protocol use an operation written for JSON. */
export function queryOperation(operation: JsonOperation): QueryOperation {
  return async (input, request) => {
    const path = request.path === "/" ? {} : { QueueUrl: request.path };
    return toXml(await operation({ ...path, ...toJson(input) }, request));
  };
}

/** Names of lists in the query protocol, and in JSON. */
const LISTS: Readonly<Record<string, string>> = {
  AttributeName: "AttributeNames",
  MessageAttributeName: "MessageAttributeNames",
  MessageSystemAttributeName: "MessageSystemAttributeNames",
  TagKey: "TagKeys",
};

const BATCHES = [
  "SendMessageBatchRequestEntry",
  "DeleteMessageBatchRequestEntry",
  "ChangeMessageVisibilityBatchRequestEntry",
];

function toJson(input: QueryInput): JsonObject {
  const json: Record<string, unknown> = {};
  for (const [name, value] of input.all) if (!name.includes(".")) json[name] = value;
  for (const [name, jsonName] of Object.entries(LISTS)) {
    const values = input.list(name);
    if (values.length > 0) json[jsonName] = values;
  }
  const attributes = input.map("Attribute", "Name", "Value");
  if (attributes.size > 0) json["Attributes"] = Object.fromEntries(attributes);
  const tags = input.map("Tag", "Key", "Value");
  // CreateQueue spells it `tags`, TagQueue `Tags`.
  if (tags.size > 0) json["tags"] = json["Tags"] = Object.fromEntries(tags);
  for (const name of ["MessageAttribute", "MessageSystemAttribute"]) {
    const items = input.structures(name);
    if (items.length > 0) json[`${name}s`] = Object.fromEntries(items.map(messageAttribute));
  }
  for (const name of BATCHES) {
    const entries = input.structures(name);
    if (entries.length > 0) json["Entries"] = entries.map(toJson);
  }
  return json;
}

function messageAttribute(item: QueryInput): [string, Partial<MessageAttribute>] {
  const value: Record<string, string> = {};
  for (const name of ["DataType", "StringValue", "BinaryValue"]) {
    const text = item.get(`Value.${name}`);
    if (text !== undefined) value[name] = text;
  }
  return [item.get("Name") ?? "", value];
}

/** Names of lists and maps in JSON, and of their repeated element in XML. */
const ELEMENTS: Readonly<Record<string, string>> = {
  Attributes: "Attribute",
  Failed: "BatchResultErrorEntry",
  MessageAttributes: "MessageAttribute",
  Messages: "Message",
  QueueUrls: "QueueUrl",
  queueUrls: "QueueUrl",
};

function toXml(output: object | undefined): QueryOutput {
  if (output === undefined) return undefined;
  const result: Record<string, XmlValue> = {};
  for (const [name, value] of Object.entries(output)) {
    if (name === "Successful") Object.assign(result, successful(value));
    else if (name === "Tags") result["Tag"] = pairs(value, "Key", "Value");
    else result[ELEMENTS[name] ?? name] = element(name, value);
  }
  return result;
}

function element(name: string, value: unknown): XmlValue {
  if (name === "Attributes" || name === "MessageAttributes") return pairs(value, "Name", "Value");
  if (Array.isArray(value)) return value.map((item) => element("", item));
  if (isJsonObject(value)) return toXml(value);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  return undefined;
}

function pairs(value: unknown, key: string, content: string): XmlValue {
  return Object.entries(isJsonObject(value) ? value : {}).map(([name, item]) => ({
    [key]: name,
    [content]: element("", item),
  }));
}

/** The element of a batch's results is named after the operation: told apart by what is in it. */
function successful(value: unknown): Record<string, XmlValue> {
  const items = element("", value);
  const sent =
    Array.isArray(value) && value.some((item) => isJsonObject(item) && "MessageId" in item);
  return sent
    ? { SendMessageBatchResultEntry: items }
    : { DeleteMessageBatchResultEntry: items, ChangeMessageVisibilityBatchResultEntry: items };
}
