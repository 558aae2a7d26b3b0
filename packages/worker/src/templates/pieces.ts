import { type Data, isMap } from "@lava/core";
import type { RenderMethod } from "@lava/spec";
import { splitCommand } from "../programs/command-words.ts";
import { splitStatements } from "../sql/split-statements.ts";
import { argumentPieces, cutPieces, type TemplatePiece } from "./cut-pieces.ts";
import type { TemplatePlace } from "./field-renderer.ts";

/** What a text is cut into, and where the cuts are. */
export type Cut = (text: string) => readonly string[];

const whole: Cut = (text) => [text];

/**
 * The texts that a field is rendered as, in order (T-39). What is no text where one is needed gives none: the
 * handler refuses it. `json` and `text-or-json` give each text inside the value.
 *
 * @throws {LavaError} BAD_PAYLOAD for a command line that cannot be split
 */
export function piecesOf(
  method: RenderMethod,
  value: Data | undefined,
  path: TemplatePlace["path"],
): TemplatePiece[] {
  switch (method) {
    case "words":
      return eachText(value, path, splitCommand);
    case "later-words":
      return eachText(value, path, splitCommand).map((piece, index) => ({
        ...piece,
        template: index > 0,
      }));
    case "statements":
    case "file-statements":
      return eachText(value, path, splitStatements);
    case "arguments":
      return argumentPieces(Array.isArray(value) ? value : [], path);
    case "text":
    case "files":
    case "values":
    case "json":
    case "text-or-json":
    default:
      return eachText(value, path, whole);
  }
}

/** Every text of a value, cut; keys are left alone. */
function eachText(value: Data | undefined, path: TemplatePlace["path"], cut: Cut): TemplatePiece[] {
  if (typeof value === "string") return cutPieces(value, cut(value), path);
  if (Array.isArray(value)) {
    return value.flatMap((item: Data, index) => eachText(item, [...path, index], cut));
  }
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    eachText(toItem(item), [...path, key], cut),
  );
}

/** A member of a map of data is data. */
function toItem(item: unknown): Data | undefined {
  return isData(item) ? item : undefined;
}

function isData(item: unknown): item is Data {
  return item !== undefined && typeof item !== "function" && typeof item !== "symbol";
}
