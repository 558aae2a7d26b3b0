import { LavaError } from "@lava/core";

/** A command by the name that it has in the original (CLI-001). */
export interface Alias {
  /** The name: of the program, or the first word after `lava`. */
  readonly name: string;
  /** The words of our command line. */
  readonly argv: readonly string[];
}

/** How the words of an original command become ours; what they are without a function. */
interface Original {
  readonly command: string;
  readonly words?: (words: readonly string[]) => string[];
}

/** The original's commands that take the same options here, and what they are called. */
const originals: Readonly<Record<string, Original>> = {
  jinja: { command: "jinja" },
  "lava-dispatcher": { command: "dispatch", words: dispatcherWords },
  "lava-new": { command: "new" },
  "lava-worker": { command: "worker" },
};

/** Names of all aliases; each is a program of the package. */
export const aliasNames: readonly string[] = Object.keys(originals);

/**
 * The alias that a command line means: the name of the program (`jinja`, `/usr/bin/lava-new`), or its first word
 * (`lava lava-new`). Undefined for a command line of ours.
 *
 * @throws {LavaError} BAD_OPTIONS for an option of the original that is not there
 */
export function resolveAlias(program: string, words: readonly string[]): Alias | undefined {
  const name = program.replace(/^.*[/\\]/, "").replace(/\.[cm]?[jt]s$/, "");
  const [first = "", ...rest] = words;
  if (Object.hasOwn(originals, name)) return toAlias(name, words);
  return first.startsWith("lava-") && Object.hasOwn(originals, first)
    ? toAlias(first, rest)
    : undefined;
}

function toAlias(name: string, words: readonly string[]): Alias {
  const original = originals[name];
  const isVersion = /^(?:-v|--version)$/.test(words[0] ?? "");
  if (isVersion && name !== "jinja" && name !== "lava-worker") {
    return { name, argv: ["--version"] };
  }
  return {
    name,
    argv: [original?.command ?? name, ...(original?.words?.(words) ?? words)],
  };
}

/** Options of lava-dispatcher that say how it logs, with and without a value; `lava dispatch` has no log. */
const LOGGING = /^(?:-c|--no-colou?r|--log-json)$/;
const LOGGING_VALUE = /^(?:-l|--level|--log|--tag)$/;
/** Options that change what is sent, and that we do not have. */
const MISSING = /^(?:-q|--queue|--check-dispatch)(?:$|=)/;

/** The original does not look whether a job is enabled: its worker does. */
function dispatcherWords(words: readonly string[]): string[] {
  const kept: string[] = ["--force"];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (word === "--") return [...kept, ...words.slice(index)];
    if (MISSING.test(word)) {
      throw new LavaError("BAD_OPTIONS", `${word.replace(/=.*/, "")} is not supported`, {
        kind: "usage",
      });
    }
    if (LOGGING_VALUE.test(word)) index += 1;
    else if (!LOGGING.test(word) && !/^--(?:level|log|tag)=/.test(word)) kept.push(word);
    if (/^(?:-[dgprw]|--(?:delay|global|param|realm|worker|profile))$/.test(word)) {
      index += 1;
      kept.push(words[index] ?? "");
    }
  }
  return kept;
}
