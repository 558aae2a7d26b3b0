import type { SqlValue } from "../client.ts";

/** Reads the text of an array, of any number of dimensions: `{1,NULL,"a,b",{2}}`, `[0:1]={1,2}`. */
export function parsePostgresArray(text: string, readItem: (text: string) => SqlValue): SqlValue[] {
  let position = text.indexOf("{");

  function list(): SqlValue[] {
    const items: SqlValue[] = [];
    position += 1;
    while (position < text.length && text[position] !== "}") {
      if (text[position] === ",") position += 1;
      else items.push(text[position] === "{" ? list() : item());
    }
    position += 1;
    return items;
  }

  function item(): SqlValue {
    if (text[position] === '"') return readItem(quoted());
    const start = position;
    while (position < text.length && text[position] !== "," && text[position] !== "}") {
      position += 1;
    }
    const word = text.slice(start, position);
    return word === "NULL" ? null : readItem(word);
  }

  function quoted(): string {
    let out = "";
    for (position += 1; position < text.length && text[position] !== '"'; position += 1) {
      if (text[position] === "\\") position += 1;
      out += text[position] ?? "";
    }
    position += 1;
    return out;
  }

  return position < 0 ? [] : list();
}
