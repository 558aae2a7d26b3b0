// The tables of docs/guide/templates.md that say which fields are templates. Run it to write them anew:
// node tools/run.mjs node --conditions=@lava/source tools/render-contexts-guide.ts
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  actionTemplates,
  buildNames,
  buildTemplates,
  connectionNames,
  everyJobTemplates,
  extraNames,
  jobTemplates,
  renderMethods,
  type TemplateField,
  templateNames,
  triggerNames,
  triggerTemplates,
} from "../packages/spec/src/render-contexts/index.ts";

const guide = join(import.meta.dirname, "../docs/guide/templates.md");

/** The guide with its tables as the sources have them; each stands between two comments. */
export function withTables(text: string): string {
  return Object.entries(tables()).reduce((whole, [name, table]) => {
    const pattern = new RegExp(`(<!-- table: ${name} -->\n)[^]*?(\n<!-- end -->)`);
    if (!pattern.test(whole)) throw new Error(`templates.md has no place for the table ${name}`);
    return whole.replace(
      pattern,
      (_all, begin: string, end: string) => `${begin}\n${table}\n${end}`,
    );
  }, text);
}

function tables(): Record<string, string> {
  return {
    names: namesTable({ ...templateNames, ...extraNames }),
    methods: table(
      ["how", "what it means"],
      Object.entries(renderMethods).map(([name, text]) => [`\`${name}\``, text]),
    ),
    jobs: fieldsTable("job", { any: everyJobTemplates, ...jobTemplates }),
    actions: fieldsTable("action", actionTemplates),
    triggers: fieldsTable("", { s3trigger: triggerTemplates }),
    "trigger names": namesTable(triggerNames),
    build: table(
      ["files", "includes start in", "lists and maps print as", ""],
      buildTemplates.map(({ files, folder, structures, note }) => [
        `\`${files}\``,
        `\`${folder}/\``,
        structures === "json" ? "JSON" : "Python",
        note ?? "",
      ]),
    ),
    "build names": namesTable(buildNames),
    "connection names": namesTable(connectionNames),
  };
}

function namesTable(names: Readonly<Record<string, string>>): string {
  return table(
    ["name", "value"],
    Object.entries(names).map(([name, text]) => [`\`${name}\``, text]),
  );
}

function fieldsTable(
  title: string,
  kinds: Readonly<Record<string, readonly TemplateField[]>>,
): string {
  const rows = Object.entries(kinds).flatMap(([kind, fields]) => {
    if (fields.length === 0) return [[`\`${kind}\``, "-", "", "", ""]];
    return fields.map(({ field, method, names = [], otherwise, note = "" }, index) => [
      index === 0 ? `\`${kind}\`` : "",
      `\`${field}\``,
      method,
      names.map((name) => `\`${name}\``).join(" "),
      otherwise === undefined ? note : `when left out: \`${otherwise}\``,
    ]);
  });
  return table([title, "field", "how", "names beside", ""], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)]
    .map((text) => text.replaceAll("  |", " |"))
    .join("\n");
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(guide, withTables(readFileSync(guide, "utf8")));
}
