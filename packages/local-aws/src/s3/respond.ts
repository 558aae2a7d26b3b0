import type { AwsResponse } from "../engine.ts";
import { XML_DECLARATION, xmlContent, type XmlValue } from "../protocols/xml.ts";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** An answer that is a document. */
export function xmlResponse(
  root: string,
  content: { readonly [name: string]: XmlValue } | string,
  headers: Readonly<Record<string, string>> = {},
): AwsResponse {
  const inside = typeof content === "string" ? content : xmlContent(content);
  return {
    status: 200,
    headers: { ...headers, "content-type": "application/xml" },
    body: `${XML_DECLARATION}<${root} xmlns="${NAMESPACE}">${inside}</${root}>`,
  };
}

/** An answer without a body. */
export function emptyResponse(
  status: 200 | 204,
  headers: Readonly<Record<string, string>> = {},
): AwsResponse {
  return { status, headers };
}

/** A time as S3 writes it in documents: in whole seconds. */
export function isoTime(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString();
}

/** A key as it stands in a listing that asked for `encoding-type=url`. */
export function urlEncode(key: string): string {
  return encodeURIComponent(key)
    .replace(/%2F/g, "/")
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
