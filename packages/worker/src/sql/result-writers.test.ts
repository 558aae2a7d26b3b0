import { DecimalValue, FloatValue } from "@lava/core";
import { expect, test } from "vitest";
import type { CsvFormat } from "./csv-writer.ts";
import { createResultWriter, type ResultFormat } from "./result-writers.ts";

const csv: CsvFormat = {
  delimiter: "|",
  quotechar: '"',
  escapechar: null,
  doublequote: false,
  quoting: "minimal",
  dialect: "excel",
};
const columns = [{ name: "b" }, { name: "a", type: "timestamp" }, { name: "c" }];
const rows = [
  [1, "2026-01-02 03:04:05", new DecimalValue("1.50")],
  [null, "<&'\">", new FloatValue(2)],
  [true, Uint8Array.from([97]), new DecimalValue("7")],
];

async function write(
  options: Partial<ResultFormat> & Pick<ResultFormat, "format">,
): Promise<string> {
  const writer = await createResultWriter({ csv, header: true, sortKeys: false, ...options });
  const parts = [await writer.begin(columns)];
  for (const row of rows) parts.push(await writer.rows([row]));
  parts.push(await writer.end());
  return parts.join("");
}

test("JSON lines have one object for each row (CLI-160)", async () => {
  expect(await write({ format: "jsonl" })).toBe(
    '{"b": 1, "a": "2026-01-02T03:04:05", "c": 1.5}\n' +
      '{"b": null, "a": "<&\'\\">", "c": 2.0}\n' +
      '{"b": true, "a": "b\'a\'", "c": 7}\n',
  );
  expect(await write({ format: "jsonl", sortKeys: true })).toContain(
    '{"a": "b\'a\'", "b": true, "c": 7}',
  );
});

test("JSON is one list (CLI-165)", async () => {
  expect(JSON.parse(await write({ format: "json" }))).toHaveLength(3);
});

test("CSV repeats its header for each result (T-17)", async () => {
  expect(await write({ format: "csv", csv: { ...csv, doublequote: true } })).toBe(
    'b|a|c\r\n1|2026-01-02 03:04:05|1.50\r\n|"<&\'"">"|2.0\r\nTrue|b\'a\'|7\r\n',
  );
});

// Recorded from the original's template.
test("HTML is a table without anything around it (CLI-161)", async () => {
  const row = (...cells: string[]): string =>
    `\n                <TR>\n                    ${cells.map((cell) => `<TD>${cell}</TD>\n                    `).join("")}\n                </TR>\n            `;
  const text = await write({ format: "html", header: false });

  expect(text).toBe(
    `<TABLE class="lava-sql">\n            \n            <TBODY>${row("1", "2026-01-02 03:04:05", "1.50")}${row("None", "&lt;&amp;&#39;&#34;&gt;", "2.0")}${row("True", "b&#39;a&#39;", "7")}\n            </TBODY>\n        </TABLE>\n    `,
  );
  expect(await write({ format: "html" })).toContain(
    "<THEAD>\n                <TR>\n                    <TH>b</TH>",
  );
});
