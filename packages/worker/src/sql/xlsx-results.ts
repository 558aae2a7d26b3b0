import { once } from "node:events";
import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { pythonText, type SqlValue } from "@lava/connectors";
import { DecimalValue, FloatValue, LavaError } from "@lava/core";
import { ZipFile } from "yazl";
import type { ResultWriter } from "./result-writer.ts";

/** What Excel can hold. */
const MOST_ROWS = 1_048_576;
const MOST_COLUMNS = 16_384;
const MOST_CHARACTERS = 32_767;
/** Digits of a number that Excel keeps. */
const MOST_DIGITS = 15;
/** What a sheet may have where each reader of zip archives shall read it. */
const MOST_BYTES = 0xffff_ffff;

/** The same content makes the same file. */
const ENTRY = { mtime: new Date(1980, 0, 1), mode: 0o100644 };

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const NS = "http://schemas.openxmlformats.org";
const TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/** The files of a workbook beside its sheet. */
const FILES: Readonly<Record<string, string>> = {
  "[Content_Types].xml": `<Types xmlns="${NS}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPES}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPES}.worksheet+xml"/></Types>`,
  "_rels/.rels": `<Relationships xmlns="${NS}/package/2006/relationships"><Relationship Id="rId1" Type="${NS}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  "xl/workbook.xml": `<workbook xmlns="${NS}/spreadsheetml/2006/main" xmlns:r="${NS}/officeDocument/2006/relationships"><sheets><sheet name="Result" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${NS}/package/2006/relationships"><Relationship Id="rId1" Type="${NS}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
};

/**
 * A writer of Excel workbooks with one sheet, batch by batch (CLI-165): numbers that Excel keeps exactly are numbers,
 * everything else is text as CSV has it, null an empty cell.
 *
 * @throws {LavaError} RESULT_TOO_LARGE from its functions
 */
export function xlsxResults({ header }: { readonly header: boolean }): ResultWriter {
  const zip = new ZipFile();
  const sheet = new PassThrough();
  let packed: Uint8Array[] = [];
  let names: readonly string[] = [];
  let count = 0;
  let size = 0;
  zip.outputStream.on("data", (chunk: Uint8Array) => packed.push(chunk));
  const rowOf = (values: readonly SqlValue[]): string => {
    count += 1;
    if (count > MOST_ROWS) throw tooLarge(`has more than ${MOST_ROWS} rows`);
    return `<row>${values.map((value, index) => cellOf(value, names[index] ?? "")).join("")}</row>`;
  };
  const take = (): Uint8Array => {
    const taken = Buffer.concat(packed);
    packed = [];
    return taken;
  };
  const write = async (text: string): Promise<Uint8Array> => {
    size += Buffer.byteLength(text);
    if (size > MOST_BYTES) throw tooLarge("has more than 4 GB of cells");
    if (!sheet.write(text)) await once(sheet, "drain");
    return take();
  };
  return {
    severalResults: false,
    async begin(columns) {
      names = columns.map(({ name }) => name);
      if (names.length > MOST_COLUMNS) throw tooLarge(`has more than ${MOST_COLUMNS} columns`);
      for (const [name, text] of Object.entries(FILES)) {
        zip.addBuffer(Buffer.from(XML + text), name, ENTRY);
      }
      zip.addReadStream(sheet, "xl/worksheets/sheet1.xml", ENTRY);
      zip.end();
      const head = `${XML}<worksheet xmlns="${NS}/spreadsheetml/2006/main"><sheetData>`;
      return await write(head + (header ? rowOf(names) : ""));
    },
    rows: (batch) => write(batch.map((row) => rowOf(row)).join("")),
    async end() {
      sheet.end("</sheetData></worksheet>");
      await finished(zip.outputStream);
      return take();
    },
  };
}

function cellOf(value: SqlValue, column: string): string {
  if (value === null) return "<c/>";
  if (typeof value === "boolean") return `<c t="b"><v>${value ? 1 : 0}</v></c>`;
  const text = pythonText(value);
  if (isNumber(value, text)) return `<c><v>${text}</v></c>`;
  if (text.length > MOST_CHARACTERS) {
    throw tooLarge(`has a value of ${text.length} characters in column ${column}`);
  }
  return `<c t="inlineStr"><is><t xml:space="preserve">${escapeXml(text)}</t></is></c>`;
}

/** Whether a value is a number of which Excel keeps all digits; of a float those that it has. */
function isNumber(value: SqlValue, text: string): boolean {
  if (value instanceof FloatValue || (typeof value === "number" && !Number.isInteger(value))) {
    return Number.isFinite(Number(text));
  }
  const isExact =
    typeof value === "number" || typeof value === "bigint" || value instanceof DecimalValue;
  const [, digits] = /^-?0*(\d*\.?\d*)$/.exec(text) ?? [];
  return isExact && digits !== undefined && digits.replace(".", "").length <= MOST_DIGITS;
}

/** Text as XML may hold it; signs that XML has not are written as Excel writes them, `_x0007_`. */
function escapeXml(text: string): string {
  return (
    text
      .replace(/_(?=x[\dA-Fa-f]{4}_)/g, "_x005F_")
      // oxlint-disable-next-line no-control-regex
      .replace(
        /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|\p{Cs}/gu,
        (sign) => `_x${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, "0").toUpperCase()}_`,
      )
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
  );
}

function tooLarge(what: string): LavaError {
  return new LavaError("RESULT_TOO_LARGE", `The result ${what}, more than Excel can hold`, {
    retry: "never",
    hint: "Select less, or write csv.",
  });
}
