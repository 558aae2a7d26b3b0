import { type Data, type DataMap, isMap, LavaError, splitShellWords } from "@lava/core";
import { parseDelay } from "../delay.ts";
import { badRequest, checkGlobals } from "./request-faults.ts";
import type { Request } from "./request.ts";

/** The long names of the options; any clear beginning of one will do, as the original's parser has it. */
const LONG = { "--delay": "d", "--global": "g", "--param": "p" } as const;
const SHOWN = { d: "-d/--delay", g: "-g/--global", p: "-p/--param" } as const;
type Option = keyof typeof SHOWN;

/**
 * A request written as a command line: `job_id [-d DELAY] [-g NAME=VALUE]... [-p NAME=VALUE]...` by the shell's rules,
 * `#` starts a comment (LAM-104..106, T-21). Undefined for a line that says nothing.
 *
 * @throws {LavaError} BAD_SHELL_WORDS, BAD_DISPATCH_REQUEST, BAD_DELAY, RESERVED_GLOBAL
 */
export function parseRequestLine(line: string, maxDelayMinutes: number): Request | undefined {
  const [job_id, ...words] = splitShellWords(line, { comments: true });
  if (job_id === undefined) return undefined;
  const values: Record<Option, string[]> = { d: [], g: [], p: [] };
  const extra: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const option = readOption(word);
    if (option === undefined) {
      extra.push(word);
      continue;
    }
    let { value } = option;
    if (value === undefined) {
      index += 1;
      value = words[index];
      // What looks like an option is none of this one's value; a negative number does not look like one.
      if (value === undefined || /^-(?!\d|\.\d|$)./.test(value)) {
        throw badRequest(`argument ${SHOWN[option.name]}: expected one argument`);
      }
    }
    values[option.name].push(value);
  }
  if (extra.length > 0) throw badRequest(`unrecognized arguments: ${extra.join(" ")}`);
  return {
    job_id,
    delay: parseDelay(values.d.at(-1), maxDelayMinutes, "round"),
    globals: checkGlobals(toMap(values.g, SHOWN.g, "Bad -g, --global args")),
    parameters: toMap(values.p, SHOWN.p, "Bad -p, --param args"),
    dispatch_id: undefined,
  };
}

/** `-d`, `-d5m`, `--delay`, `--delay=5m`, `--del`; undefined for a word that is no option. */
function readOption(word: string): { name: Option; value: string | undefined } | undefined {
  const short = /^-([dgp])(?:=?([^]+))?$/.exec(word);
  if (short !== null) return { name: toOption(short[1]), value: short[2] };
  const long = /^(--[a-z]+)(?:=([^]*))?$/.exec(word);
  const found = Object.entries(LONG).filter(
    ([name]) => long !== null && name.startsWith(long[1] ?? ""),
  );
  const [only] = found;
  return only === undefined || found.length > 1 ? undefined : { name: only[1], value: long?.[2] };
}

function toOption(letter: string | undefined): Option {
  return letter === "d" || letter === "g" ? letter : "p";
}

/** `NAME=VALUE` words as a map; dots nest, values are text (LAM-105). */
function toMap(words: readonly string[], option: string, fault: string): DataMap {
  const result: Record<string, Data> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) throw badRequest(`argument ${option}: must be in form name=value: ${word}`);
    const name = word.slice(0, at);
    if (!assign(result, name.split("."), word.slice(at + 1))) {
      throw new LavaError(
        "BAD_DISPATCH_REQUEST",
        `${fault}: ${name}: the name has both a value and names below it`,
        { retry: "never" },
      );
    }
  }
  return result;
}

/** False where a value would take the place of a map, or a map that of a value. */
function assign(target: Record<string, Data>, path: readonly string[], value: string): boolean {
  const [name = "", ...rest] = path;
  const known = Object.hasOwn(target, name) ? target[name] : undefined;
  if (rest.length === 0) {
    setField(target, name, value);
    return !isMap(known);
  }
  if (known !== undefined && !isMap(known)) return false;
  const inner: Record<string, Data> = { ...known };
  const isGood = assign(inner, rest, value);
  setField(target, name, inner);
  return isGood;
}

/** Sets a field of any name, `__proto__` too. */
function setField(target: Record<string, Data>, name: string, value: Data): void {
  Object.defineProperty(target, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}
