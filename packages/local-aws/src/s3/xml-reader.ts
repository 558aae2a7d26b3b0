import { malformedXml } from "./errors.ts";

/** An element of a document. */
export interface XmlNode {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlNode[];
}

const TOKEN =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/g;
const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** Reads a document without DTD; MalformedXML for anything else. Prefixes of names are dropped. */
export function readXml(source: string): XmlNode {
  const top: { name: string; text: string; children: XmlNode[] } = {
    name: "",
    text: "",
    children: [],
  };
  const open = [top];
  let end = 0;
  for (const match of source.replace(/^\uFEFF/, "").matchAll(TOKEN)) {
    if (match.index !== end) throw malformedXml();
    end += match[0].length;
    const [, cdata, closing, name, , empty, text] = match;
    const current = open.at(-1) ?? top;
    if (cdata !== undefined) current.text += cdata;
    else if (text !== undefined) current.text += unescapeXml(text);
    else if (name !== undefined) {
      const local = name.slice(name.indexOf(":") + 1);
      if (closing === "/") {
        if (open.length < 2 || current.name !== local) throw malformedXml();
        open.pop();
      } else {
        const node = { name: local, text: "", children: [] };
        current.children.push(node);
        if (empty !== "/") open.push(node);
      }
    }
  }
  const [root] = top.children;
  const clean = end === source.replace(/^\uFEFF/, "").length && top.text.trim() === "";
  if (!clean || open.length !== 1 || root === undefined || top.children.length !== 1) {
    throw malformedXml();
  }
  return root;
}

/** The text of the first child of that name. */
export function childText(node: XmlNode | undefined, name: string): string | undefined {
  return child(node, name)?.text;
}

/** The first child of that name. */
export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((item) => item.name === name);
}

/** All children of that name. */
export function childrenOf(node: XmlNode | undefined, name: string): XmlNode[] {
  return node?.children.filter((item) => item.name === name) ?? [];
}

function unescapeXml(text: string): string {
  return text.replace(/&([^;\s&]*);?/g, (whole, name: string) => {
    const named = NAMED[name];
    if (named !== undefined && whole.endsWith(";")) return named;
    const code = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const point = code === null ? -1 : code[1] ? Number.parseInt(code[1], 16) : Number(code[2]);
    if (point < 0 || point > 0x10ffff || !whole.endsWith(";")) throw malformedXml();
    return String.fromCodePoint(point);
  });
}
