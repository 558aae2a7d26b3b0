/** What can be rendered as XML: records become elements, lists repeat the element. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

/** The first line of every XML answer. */
export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Text as it stands inside an element or attribute; control characters as references. */
export function escapeXml(value: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what has to be escaped
  return value.replace(/[&<>"'\u0000-\u001f\u0085\u2028]/g, (character) => {
    return ESCAPES[character] ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
  });
}

/** `<name>value</name>`; nothing for undefined, one element per item for a list. */
export function xmlElement(name: string, value: XmlValue, attributes = ""): string {
  if (value === undefined) return "";
  if (isList(value)) return value.map((item) => xmlElement(name, item, attributes)).join("");
  const content = typeof value === "object" ? xmlContent(value) : escapeXml(String(value));
  return `<${name}${attributes}>${content}</${name}>`;
}

/** The elements of a record, without one around them. */
export function xmlContent(value: { readonly [name: string]: XmlValue }): string {
  return Object.entries(value)
    .map(([name, item]) => xmlElement(name, item))
    .join("");
}

function isList(value: XmlValue): value is readonly XmlValue[] {
  return Array.isArray(value);
}
