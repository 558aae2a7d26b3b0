import { DecimalValue } from "@lava/core";
import { describe, expect, test } from "vitest";
import { colourful, printJson, printTable, styles } from "./output.ts";
import { createProgress } from "./progress.ts";

/** An output that remembers. */
function memory(isTTY = false, columns = 80) {
  return {
    text: "",
    isTTY,
    columns,
    write(text: string) {
      this.text += text;
    },
  };
}

const columns = [
  { title: "NAME", cell: (row: { name: string; size: number }) => row.name, flexible: true },
  {
    title: "SIZE",
    cell: (row: { name: string; size: number }) => String(row.size),
    align: "right" as const,
  },
];

describe("printTable", () => {
  test("aligns cells and leaves no blanks at the end", () => {
    const out = memory();

    printTable(out, columns, [
      { name: "a", size: 5 },
      { name: "longer\nname", size: 1200 },
    ]);

    expect(out.text).toBe("NAME         SIZE\na               5\nlonger name  1200\n");
  });

  test("cuts flexible columns to the terminal's width", () => {
    const out = memory(true, 30);

    printTable(out, columns, [{ name: "x".repeat(60), size: 7 }]);

    const [, row = ""] = out.text.split("\n");
    expect(row.length).toBeLessThanOrEqual(30);
    expect(row).toContain("…");
  });
});

test("JSON keeps the digits of large and exact numbers", () => {
  const out = memory();

  printJson(out, {
    big: 123_456_789_012_345_678_901n,
    exact: new DecimalValue("0.10000000000000000001"),
  });

  expect(out.text).toContain(`"123456789012345678901"`);
  expect(out.text).toContain(`"0.10000000000000000001"`);
});

test("colours appear on a terminal only, and not where NO_COLOR is set (CLI-015, CLI-016)", () => {
  expect(styles(memory()).red("x")).toBe("x");
  expect(styles(memory(true)).red("x")).toBe("\u001B[31mx\u001B[39m");
  expect(styles(colourful(memory(true), {})).red("x")).toBe("\u001B[31mx\u001B[39m");
  expect(styles(colourful(memory(true), { NO_COLOR: "1" })).red("x")).toBe("x");
  expect(styles(colourful(memory(), {})).red("x")).toBe("x");
});

describe("progress", () => {
  test("rewrites one line on a terminal and removes it at the end", () => {
    const out = memory(true);
    const progress = createProgress(out);

    progress.step("one");
    progress.step("two");
    progress.log("kept");
    progress.done();

    expect(out.text).toContain("\r\u001B[2K");
    expect(out.text.endsWith("kept\n")).toBe(true);
  });

  test("prints plain lines when piped, and nothing when quiet", () => {
    const [piped, quiet] = [memory(), memory()];

    for (const progress of [createProgress(piped), createProgress(quiet, true)]) {
      progress.step("one");
      progress.done();
    }

    expect(piped.text).toBe("one\n");
    expect(quiet.text).toBe("");
  });
});
