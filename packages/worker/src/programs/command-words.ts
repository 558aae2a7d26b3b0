import { type Data, type DataMap, LavaError, errorText, splitShellWords } from "@lava/core";
import type { JobContext } from "../handler.ts";
import { argumentPieces, cutPieces } from "../templates/cut-pieces.ts";

/** Splits a command line (WK-100). @throws {LavaError} BAD_PAYLOAD `Bad payload: No closing quotation` */
export function splitCommand(text: string): string[] {
  try {
    return splitShellWords(text);
  } catch (cause) {
    throw new LavaError("BAD_PAYLOAD", `Bad payload: ${errorText(cause)}`, {
      cause,
      retry: "never",
    });
  }
}

/** How words are rendered. */
export interface WordsOptions {
  readonly jinja: boolean;
  readonly vars: DataMap;
  /** The field that the words come from, and its text: errors point there. */
  readonly field: readonly string[];
  readonly text: string;
  /** What stands before the text of a fault: `Bad payload or args`. */
  readonly fault: string;
}

/**
 * Words and arguments, the latter as Python prints them, each rendered by itself: a rendered value with blanks
 * stays one word (WK-101, WK-102).
 */
export function renderWords(
  words: readonly string[],
  args: readonly Data[],
  context: JobContext,
  { jinja, vars, field, text, fault }: WordsOptions,
): string[] {
  const all = [...cutPieces(text, words, field), ...argumentPieces(args, ["parameters", "args"])];
  if (!jinja) return all.map((piece) => piece.text);
  try {
    return all.map((piece) => context.render(piece.text, { vars }, piece.place));
  } catch (cause) {
    throw new LavaError("BAD_PAYLOAD", `${fault}: ${errorText(cause)}`, { cause });
  }
}
