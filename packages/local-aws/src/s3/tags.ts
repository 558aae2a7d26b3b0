import { AwsError } from "../errors.ts";
import { xmlContent } from "../protocols/xml.ts";
import { malformedXml } from "./errors.ts";
import { child, childrenOf, childText, readXml } from "./xml-reader.ts";

/** Tags of an object or bucket. */
export type Tags = Readonly<Record<string, string>>;

/** Letters, digits, spaces and a few signs. */
const ALLOWED = /^[\p{L}\p{N}\p{Z}+\-=._:/@]*$/u;

/** Reads the `x-amz-tagging` header. */
export function parseTagHeader(header: string | undefined): Tags {
  if (header === undefined || header === "") return {};
  const pairs = [...new URLSearchParams(header)];
  return checkTags(pairs, 10);
}

/** Reads a `Tagging` document. */
export function parseTagDocument(document: string, max: number): Tags {
  const root = readXml(document);
  const set = child(root, "TagSet");
  if (root.name !== "Tagging" || set === undefined) throw malformedXml();
  const pairs = childrenOf(set, "Tag").map((tag): [string, string] => {
    const [key, value] = [childText(tag, "Key"), childText(tag, "Value")];
    if (key === undefined || value === undefined) throw malformedXml();
    return [key, value];
  });
  return checkTags(pairs, max);
}

/** The inside of a `Tagging` document. */
export function renderTags(tags: Tags): string {
  const Tag = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return xmlContent({ TagSet: { Tag } });
}

function checkTags(pairs: readonly (readonly [string, string])[], max: number): Tags {
  if (pairs.length > max) {
    throw new AwsError("BadRequest", `Object tags cannot be greater than ${max}`);
  }
  for (const [key, value] of pairs) {
    if (key === "" || key.length > 128 || !ALLOWED.test(key) || /^aws:/i.test(key)) {
      throw new AwsError("InvalidTag", "The TagKey you have provided is invalid");
    }
    if (value.length > 256 || !ALLOWED.test(value)) {
      throw new AwsError("InvalidTag", "The TagValue you have provided is invalid");
    }
  }
  if (new Set(pairs.map(([key]) => key)).size !== pairs.length) {
    throw new AwsError("InvalidTag", "Cannot provide multiple Tags with the same key");
  }
  return Object.fromEntries(pairs);
}
