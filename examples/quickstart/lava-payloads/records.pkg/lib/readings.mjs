import { readFileSync } from "node:fs";

/** The daily readings of a CSV file with a header line; numbers as numbers. */
export function readReadings(file) {
  const [header, ...lines] = readFileSync(file, "utf8").trim().split("\n");
  const names = header.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(
      names.map((name, index) => {
        const number = Number(cells[index]);
        return [name, Number.isNaN(number) || name === "date" ? cells[index] : number];
      }),
    );
  });
}
