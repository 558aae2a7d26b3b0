import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import {
  type Data,
  type DataMap,
  DecimalValue,
  errorText,
  isMap,
  LavaError,
  parseJson,
} from "@lava/core";
import type { CliContext } from "../command.ts";

/** A text from a file, or with `-` from stdin. @throws {LavaError} BAD_FILE */
export async function readText(name: string, { cwd, stdin }: CliContext): Promise<string> {
  if (name === "-") return await readAll(stdin);
  try {
    return await readFile(resolve(cwd, name), "utf8");
  } catch (error) {
    throw new LavaError("BAD_FILE", `${name}: ${errorText(error)}`, { cause: error });
  }
}

/** JSON from a file, or with `-` from stdin. @throws {LavaError} BAD_FILE */
export async function readJson(name: string, context: CliContext): Promise<Data> {
  return jsonOf(await readText(name, context), name);
}

/** @throws {LavaError} BAD_FILE */
export function jsonOf(text: string, name: string): Data {
  try {
    return parseJson(text);
  } catch (error) {
    throw new LavaError("BAD_FILE", `${name}: ${errorText(error)}`, { cause: error });
  }
}

/** JSON from a file, each number with all its digits (FW-131). @throws {LavaError} BAD_FILE */
export async function readExactJson(name: string, context: CliContext): Promise<Data> {
  const text = await readText(name, context);
  const plain = jsonOf(text, name);
  const exact = (_key: string, value: unknown, { source }: { source?: string }): unknown =>
    typeof value === "number" && source !== undefined && /[.eE]/.test(source)
      ? new DecimalValue(source)
      : value;
  // Whole numbers, and what only Python writes, are exact already.
  if (!/\d[.eE]/.test(text)) return plain;
  // The types of the language do not have the third argument yet.
  const data: unknown = Reflect.apply(JSON.parse, JSON, [text, exact]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what comes out of JSON.parse is data
  return data as Data;
}

/** A map from a YAML or JSON file. @throws {LavaError} BAD_FILE */
export async function readMap(name: string, context: CliContext): Promise<DataMap> {
  const text = await readText(name, context);
  const { readYaml } = await import("@lava/framework");
  const { data = {}, errors } = readYaml(text);
  const [first] = errors;
  if (first !== undefined) {
    throw new LavaError("BAD_FILE", `${name}: line ${first.line}: ${first.message}`);
  }
  if (isDataMap(data)) return data;
  throw new LavaError("BAD_FILE", `${name}: not a map of names`);
}

/** Whether data is a map. */
export function isDataMap(value: Data): value is DataMap {
  return isMap(value);
}

/** `name=value`. @throws {LavaError} BAD_ASSIGNMENT */
export function pairOf(word: string): readonly [name: string, value: string] {
  const at = word.indexOf("=");
  if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
  throw new LavaError("BAD_ASSIGNMENT", `Not of the form name=value: ${word}`, { kind: "usage" });
}
