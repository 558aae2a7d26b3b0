import { createInterface } from "node:readline/promises";
import { LavaError } from "@lava/core";
import type { CliContext } from "./command.ts";

/** Somebody at a terminal. */
export interface Questions extends Disposable {
  /**
   * What is entered after a prompt on stderr, without blanks around it. Lines that come early are not lost.
   *
   * @throws {LavaError} NOT_A_TERMINAL when the input has ended
   */
  ask(prompt: string): Promise<string>;
}

/** Questions to whoever is at the terminal; an interrupt ends them. */
export function openQuestions({ stdin, stderr, signal }: CliContext): Questions {
  const reader = createInterface({ input: stdin });
  const stop = (): void => {
    reader.close();
  };
  signal.addEventListener("abort", stop);
  const lines = reader[Symbol.asyncIterator]();
  return {
    async ask(prompt) {
      stderr.write(prompt);
      const entered = await lines.next();
      signal.throwIfAborted();
      if (entered.done !== true) return entered.value.trim();
      throw new LavaError("NOT_A_TERMINAL", "The input ended before all was answered", {
        hint: "Nothing was written. Answers can be given as options, too.",
        kind: "usage",
      });
    },
    [Symbol.dispose]() {
      signal.removeEventListener("abort", stop);
      reader.close();
    },
  };
}
