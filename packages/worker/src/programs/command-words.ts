import { pythonText } from "@lava/connectors";
import { type Data, LavaError, errorText, splitShellWords } from "@lava/core";
import type { JobContext } from "../handler.ts";

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
  readonly vars: Readonly<Record<string, unknown>>;
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
  { jinja, vars, fault }: WordsOptions,
): string[] {
  const all = [...words, ...args.map((arg) => pythonText(arg))];
  if (!jinja) return all;
  try {
    return all.map((word) => context.render(word, { vars }));
  } catch (cause) {
    throw new LavaError("BAD_PAYLOAD", `${fault}: ${errorText(cause)}`, { cause });
  }
}
