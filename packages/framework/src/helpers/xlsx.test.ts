import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { ZipFile } from "yazl";
import { readSheet } from "./xlsx.ts";

const SHEETS = `<?xml version="1.0"?><workbook xmlns:r="http://x"><sheets><sheet name="One" sheetId="1" r:id="rId1"/><sheet name="A &amp; B" sheetId="2" r:id="rId2"/></sheets></workbook>`;
const RELATIONS = `<Relationships><Relationship Id="rId1" Type="t" Target="worksheets/sheet1.xml"/><Relationship Target="/xl/worksheets/sheet2.xml" Id="rId2"/></Relationships>`;
const SHARED = `<sst><si><t>job</t></si><si><r><t>ri</t></r><r><rPr><b/></rPr><t xml:space="preserve">ch </t></r><rPh><t>no</t></rPh></si></sst>`;
const ONE = `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row><row r="2"/><row r="3"><c r="B3" s="1"/><c r="C3"><v>1.5</v></c><c r="AA3" t="inlineStr"><is><t>&lt;x&#65;&#x42;&gt;</t></is></c></row></sheetData></worksheet>`;
const TWO = `<x:worksheet xmlns:x="http://m"><x:sheetData><x:row><x:c t="str"><x:v>two</x:v></x:c></x:row></x:sheetData></x:worksheet>`;

async function workbook(compress: boolean): Promise<Buffer> {
  const zip = new ZipFile();
  const files = {
    "xl/workbook.xml": SHEETS,
    "xl/_rels/workbook.xml.rels": RELATIONS,
    "xl/sharedStrings.xml": SHARED,
    "xl/worksheets/sheet1.xml": ONE,
    "xl/worksheets/sheet2.xml": TWO,
  };
  for (const [name, text] of Object.entries(files))
    zip.addBuffer(Buffer.from(text), name, { compress });
  zip.end();
  return await buffer(zip.outputStream);
}

test.each([true, false])(
  "the first worksheet of a workbook, with numbers and empty cells (packed: %s) (CLI-082)",
  async (compress) => {
    const rows = readSheet(await workbook(compress), undefined);

    expect(rows.slice(0, 2)).toEqual([["job", "", "rich "], []]);
    expect(rows[2]?.slice(0, 3)).toEqual(["", "", "1.5"]);
    expect(rows[2]?.[26]).toBe("<xAB>");
  },
);

test("a worksheet by its name; what is not there is told", async () => {
  const file = await workbook(true);

  expect(readSheet(file, "A & B")).toEqual([["two"]]);
  expect(() => readSheet(file, "Three")).toThrow(
    "Worksheet Three does not exist. (there are: One, A & B)",
  );
  expect(() => readSheet(Buffer.from("no workbook"), undefined)).toThrow("no Excel workbook");
});
