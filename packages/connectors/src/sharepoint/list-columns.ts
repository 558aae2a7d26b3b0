import { isMap } from "@lava/core";

/** A column of a list, as the service tells of it. */
export interface ListColumn {
  /** Its name in lower case, by which people name it. */
  readonly key: string;
  readonly name: string;
  /** `standard` is what people made and may write. */
  readonly kind: "standard" | "readonly" | "hidden" | "ignored";
  /** `text`, `number`, `boolean`, `personorgroup`... */
  readonly dataType: string;
  readonly required: boolean;
  /** Persons are read by their name, and written by the id that the column `<name>LookupId` has. */
  readonly person: "name" | "id" | undefined;
}

/** The columns, those for the ids of persons included. */
export function toListColumns(columns: unknown): ListColumn[] {
  if (!Array.isArray(columns)) return [];
  return columns.flatMap((column: unknown): ListColumn[] => {
    if (!isMap(column)) return [];
    const name = String(column["name"]);
    const dataType =
      Object.keys(column)
        .filter((key) => isMap(column[key]) && key.toLowerCase() !== "defaultvalue")
        .at(-1)
        ?.toLowerCase() ?? "notype";
    const isPerson = dataType === "personorgroup";
    const own: ListColumn = {
      key: name.toLowerCase(),
      name,
      kind: kindOf(column, name),
      dataType,
      required: column["required"] === true,
      person: isPerson ? "name" : undefined,
    };
    if (!isPerson) return [own];
    return [own, { ...own, key: `${own.key}lookupid`, name: `${name}LookupId`, person: "id" }];
  });
}

function kindOf(column: Readonly<Record<string, unknown>>, name: string): ListColumn["kind"] {
  if (column["columnGroup"] === "_Hidden" || name === "Attachments") return "ignored";
  if (column["readOnly"] !== false) return "readonly";
  return column["hidden"] === false ? "standard" : "hidden";
}

/** Names of a comma text, in lower case, each once. */
export function columnNames(text: string | undefined): string[] {
  const names = (text ?? "").toLowerCase().split(",");
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ""))];
}
