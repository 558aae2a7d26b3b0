import { pythonText } from "@lava/connectors";
import type { Data } from "@lava/core";
import type { TemplatePlace } from "./field-renderer.ts";

/** One text of a field that is rendered by itself, or a word that is taken as it is. */
export interface TemplatePiece {
  readonly text: string;
  readonly place: TemplatePlace;
  /** Whether it is a template. */
  readonly template: boolean;
}

/** Arguments of a command, as Python prints them (WK-102). */
export function argumentPieces(
  args: readonly Data[],
  path: TemplatePlace["path"],
): TemplatePiece[] {
  return args.map((arg, index) => ({
    text: pythonText(arg),
    place: { path: [...path, index] },
    template: true,
  }));
}

/** Parts of a text with their places in it, as far as they stand in it as they are (quotes may be gone). */
export function cutPieces(
  text: string,
  parts: readonly string[],
  path: TemplatePlace["path"],
): TemplatePiece[] {
  let from = 0;
  let line = 1;
  let lineStart = 0;
  let lineEnd = text.indexOf("\n");
  return parts.map((part) => {
    const at = text.indexOf(part, from);
    if (at < 0) return { text: part, place: { path }, template: true };
    while (lineEnd >= 0 && lineEnd < at) {
      line += 1;
      lineStart = lineEnd + 1;
      lineEnd = text.indexOf("\n", lineStart);
    }
    from = at + part.length;
    return { text: part, place: { path, line, column: at - lineStart + 1 }, template: true };
  });
}
