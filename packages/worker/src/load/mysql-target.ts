import { missingS3Object, statS3Object } from "@lava/connectors";
import { s3Uri } from "./load-objects.ts";
import { badOption, isQuoted, readLoadOptions } from "./load-options.ts";
import type { LoadRequest, LoadTarget, TargetContext } from "./load-target.ts";
import { type SqlTarget, sqlTarget } from "./sql-target.ts";

const OPTIONS = [
  ...["REPLACE", "IGNORE", "PARTITION", "FILE", "PREFIX", "MANIFEST", "DELIMITER", "ENCODING"],
  ...["QUOTE", "ESCAPE", "HEADER", "TERMINATOR"],
];

/** `mysql-aurora`: the server reads S3 itself (JOB-db_from_s3-34). */
export function auroraMysqlTarget(host: TargetContext): LoadTarget {
  const { client, context, signal } = host;
  const target = sqlTarget(host, { quotes: ["`", "`"], placeholder: () => "?" });
  return {
    ...target,
    async load(request, events) {
      const { schema, table } = request;
      const sql = auroraLoadSql(request, target);
      if (await isRunt(request, context)) {
        events.push(`Skipping runt file ${s3Uri(request.source)}`);
        return;
      }
      events.push(sql, `Running COPY command for ${schema}.${table}`);
      const { rowsAffected } = await client.execute(sql, { signal });
      events.push(`Copy to ${schema}.${table} complete`, `${rowsAffected} records processed`);
    },
  };
}

/** Whether the object is smaller than wanted (JOB-db_from_s3-07). */
export async function isRunt(
  { source, minSize }: LoadRequest,
  { realm }: TargetContext["context"],
): Promise<boolean> {
  if (minSize === 0) return false;
  const found = await statS3Object(realm.clients, source);
  if (found === undefined) throw await missingS3Object(realm.clients, source);
  return found.size < minSize;
}

/** The statement `LOAD DATA FROM S3`. @throws {LavaError} BAD_LOAD_OPTION */
export function auroraLoadSql(
  { args, columns = [], region, schema, table, source: { bucket, key } }: LoadRequest,
  target: Pick<SqlTarget, "objectName" | "columnNames">,
): string {
  const options = readLoadOptions(args, OPTIONS);
  const words = (name: string): string[] | undefined => options.get(name)?.trim().split(/\s+/);
  const oneOf = (...names: readonly string[]): string | undefined => {
    const given = names.filter((name) => options.has(name));
    if (given.length > 1) throw badOption(`Only one of ${names.join(" | ")} allowed`);
    return given[0];
  };
  const kind = oneOf("FILE", "PREFIX", "MANIFEST") ?? "FILE";
  const place = region === "" ? "s3" : `s3-${region}`;
  const uri = `${place}://${bucket}/${key}`.replace(/[\\']/g, "\\$&");
  const conflict = oneOf("IGNORE", "REPLACE") ?? "";
  const [, charset, ...more] = words("ENCODING") ?? [];
  if (options.has("ENCODING") && (charset === undefined || more.length > 0)) {
    throw badOption("Usage: ENCODING charset-name");
  }
  const formats = [
    quoted(words("DELIMITER"), "TERMINATED BY", "Usage: DELIMITER 'string'"),
    quote(words("QUOTE")),
    quoted(words("ESCAPE"), "ESCAPED BY", "Usage: ESCAPE 'char'"),
  ].filter((text) => text !== "");
  const list = target.columnNames(columns).join(",");
  return [
    `LOAD DATA FROM S3 ${kind} '${uri}'`,
    conflict,
    `INTO TABLE ${target.objectName(schema, table)}`,
    options.get("PARTITION") ?? "",
    charset === undefined ? "" : `CHARACTER SET ${charset}`,
    formats.length === 0 ? "" : `COLUMNS ${formats.join(" ")}`,
    terminator(words("TERMINATOR")),
    header(words("HEADER")),
    list === "" ? "" : `(${list})`,
  ]
    .filter((text) => text !== "")
    .join(" ");
}

function quoted(words: readonly string[] | undefined, clause: string, usage: string): string {
  if (words === undefined) return "";
  const [, text] = words;
  if (words.length !== 2 || text === undefined || !isQuoted(text)) throw badOption(usage);
  return `${clause} ${text}`;
}

function quote(words: readonly string[] | undefined): string {
  const [name = "", optional = "", ...rest] = words ?? [];
  const usage = "Usage: QUOTE [OPTIONAL] 'char'";
  return optional.toUpperCase() === "OPTIONAL" && rest.length > 0
    ? quoted([name, ...rest], "OPTIONALLY ENCLOSED BY", usage)
    : quoted(words, "ENCLOSED BY", usage);
}

function terminator(words: readonly string[] | undefined): string {
  const named = words?.length === 2 ? ENDS[(words[1] ?? "").toUpperCase()] : undefined;
  if (named !== undefined) return `LINES TERMINATED BY ${named}`;
  return quoted(words, "LINES TERMINATED BY", "Usage: TERMINATOR UNIX|DOS|'string'");
}

const ENDS: Readonly<Record<string, string>> = {
  UNIX: String.raw`'\n'`,
  DOS: String.raw`'\r\n'`,
};

function header(words: readonly string[] | undefined): string {
  if (words === undefined) return "";
  const [, lines = "1", ...more] = words;
  if (more.length > 0) throw badOption("Usage: HEADER [number]");
  return `IGNORE ${lines} LINES`;
}
