import { createInterface } from "node:readline/promises";
import { LavaError } from "@lava/core";
import type { CliContext } from "./command.ts";

/**
 * Goes on if the user says yes, or has said so by `--yes`.
 *
 * @throws {LavaError} NOT_CONFIRMED when they say no, or when there is nobody to ask
 */
export async function confirm(
  question: string,
  yes: boolean | undefined,
  { stdin, stderr, signal }: CliContext,
): Promise<void> {
  if (yes === true) return;
  if (stdin.isTTY !== true) {
    throw new LavaError("NOT_CONFIRMED", `Nobody is there to be asked: ${question}`, {
      hint: "Give --yes; nothing was changed.",
      kind: "usage",
    });
  }
  const prompt = createInterface({ input: stdin });
  try {
    stderr.write(`${question} [y/N] `);
    const answer = await prompt.question("", { signal });
    if (/^\s*y(?:es)?\s*$/i.test(answer)) return;
  } finally {
    prompt.close();
  }
  throw new LavaError("NOT_CONFIRMED", "Nothing was changed");
}
