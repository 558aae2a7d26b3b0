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
  readonly command: readonly string[];
  /** `-v` does not ask for the version. */
  readonly isVerbose?: boolean;
  readonly words?: (words: readonly string[]) => string[];
}

/** The original's commands that take the same options here, and what they are called. */
const originals: Readonly<Record<string, Original>> = {
  jinja: { command: ["jinja"], isVerbose: true },
  "lava-check": { command: ["realm", "check"], words: withoutLogging },
  "lava-checksum": { command: ["checksum"], isVerbose: true },
  "lava-conn-usage": { command: ["conn-usage"], isVerbose: true },
  "lava-dag-gen": { command: ["dag-gen"] },
  "lava-dispatcher": { command: ["dispatcher"] },
  "lava-docker": { command: ["helper", "lava-docker"] },
  "lava-dump": { command: ["dump"] },
  "lava-email": { command: ["email"], words: withoutLogging },
  "lava-events": { command: ["events", "--records"], words: eventsWords },
  "lava-item": { command: ["item"] },
  "lava-job-activity": { command: ["job-activity"], isVerbose: true },
  "lava-new": { command: ["new"] },
  "lava-pkg": { command: ["helper", "lava-pkg"] },
  "lava-ps": { command: ["ps", "--processes"] },
  "lava-rsc": { command: ["helper", "lava-rsc"] },
  "lava-schema": { command: ["schema"], isVerbose: true },
  "lava-sharepoint": { command: ["sharepoint"], words: withoutLogging },
  "lava-slack": { command: ["slack"], words: withoutLogging },
  "lava-smb": { command: ["smb"], words: withoutLogging },
  "lava-sql": { command: ["sql"] },
  "lava-state": { command: ["state"], words: stateWords },
  "lava-stop": { command: ["stop"] },
  "lava-version": { command: ["version"], words: versionWords },
  "lava-worker": { command: ["worker"], isVerbose: true },
  s3lambda: { command: ["s3lambda"], isVerbose: true },
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
  const isVerbose = original?.isVerbose === true && (words[0] === "-v" || name !== "lava-checksum");
  if (isVersion && !isVerbose) {
    return { name, argv: ["--version"] };
  }
  return {
    name,
    argv: [...(original?.command ?? [name]), ...(original?.words?.(words) ?? words)],
  };
}

/** Our commands have no log: its options are taken and have no effect. */
function withoutLogging(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (/^(?:-l|--level|--log|--tag)$/.test(word)) index += 1;
    else if (!/^--(?:no-colou?r|(?:level|log|tag)=.*)$/.test(word)) kept.push(word);
  }
  return kept;
}

/** `pygments` and `pprint` are ways to show it to people; `-c` is no colour. */
function eventsWords(words: readonly string[]): string[] {
  const kept: string[] = [];
  const plain = withoutLogging(words).filter((word) => word !== "-c");
  for (let index = 0; index < plain.length; index += 1) {
    const word = plain[index] ?? "";
    const format = /^(?:-f|--fmt|--format)$/.test(word)
      ? plain[(index += 1)]
      : /^--(?:fmt|format)=(.*)$/.exec(word)?.[1];
    if (format === undefined) kept.push(word);
    else if (!/^(?:pygments|json|pprint)$/.test(format)) {
      throw new LavaError("BAD_OPTIONS", `${format}: expected pygments, json or pprint`, {
        kind: "usage",
      });
    }
  }
  return kept;
}

/** Without an option the number alone. */
function versionWords(words: readonly string[]): string[] {
  return words.length === 0 ? ["--number"] : [...words];
}

/** General options stand before the command there, and the value of put is an option (CLI-166 to CLI-170). */
function stateWords(words: readonly string[]): string[] {
  const plain = withoutLogging(words);
  const at = plain.findIndex((word) => word === "put" || word === "get");
  if (at < 0) return plain;
  const [command = "", ...own] = plain.slice(at);
  const general = plain.slice(0, at);
  const id = own.find((word) => /^lava/i.test(word));
  if (id !== undefined && command === "get")
    throw new LavaError(
      "STATE_ID_RESERVED",
      `Bad state_id ${id}: Values beginning with "lava" are reserved`,
      { kind: "usage" },
    );
  if (command === "get") return ["get", ...own, ...general];
  const kept: string[] = [];
  const map: Record<string, string> = {};
  let value: string | undefined;
  for (let index = 0; index < own.length; index += 1) {
    const word = own[index] ?? "";
    if (/^(?:-p|--param)$/.test(word)) {
      const pair = own[(index += 1)] ?? "";
      const equals = pair.indexOf("=");
      if (equals < 1)
        throw new LavaError("BAD_ASSIGNMENT", `Not of the form name=value: ${pair}`, {
          kind: "usage",
        });
      map[pair.slice(0, equals)] = pair.slice(equals + 1);
    } else if (/^(?:-v|--value)$/.test(word)) value = own[(index += 1)] ?? "";
    else kept.push(word);
  }
  const hasMap = Object.keys(map).length > 0;
  if (hasMap && value !== undefined)
    throw new LavaError("BAD_OPTIONS", "-p and -v exclude each other", { kind: "usage" });
  const json = JSON.stringify(hasMap ? map : (value ?? null));
  return ["put", ...kept, ...general, json];
}
