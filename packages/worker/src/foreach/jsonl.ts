import { type Data, type DataMap, errorText, isMap, LavaError, parseJson } from "@lava/core";
import { checkNames, defineForeach } from "./generator.ts";
import { readLines, readText } from "./text-source.ts";

/** `jsonl`: one JSON object a line, of a file or an object in S3 (JOB-foreach-07). */
export const jsonl = defineForeach({
  type: "jsonl",
  async *values(source, { context, render }) {
    const filename = render(source.filename, "filename");
    let number = 0;
    for await (const line of readLines(readText(filename, context))) {
      number += 1;
      const value = parseLine(line, `${filename}: line ${number}`);
      checkNames(Object.keys(value));
      yield value;
    }
  },
});

function parseLine(line: string, place: string): DataMap {
  let value: Data;
  try {
    value = parseJson(line);
  } catch (error) {
    throw bad(`${place}: ${line.trim() === "" ? "Expecting value: blank line" : errorText(error)}`);
  }
  if (isDataMap(value)) return value;
  throw bad(`${place}: must be an object`);
}

function bad(message: string): LavaError {
  return new LavaError("BAD_JSONL", message, { retry: "never" });
}

function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}
