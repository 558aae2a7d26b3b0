import { type Data, type DataMap, errorText, isMap, LavaError, parseJson } from "@lava/core";

/** Collects a repeatable option. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/**
 * A map from JSON text and `name=value` words, which are laid over it; `a.b=value` nests and values are text
 * (WF-211), those of `jsonWords` JSON (CLI-093).
 *
 * @throws {LavaError} BAD_ASSIGNMENT
 */
export function parseAssignments(
  words: readonly string[] = [],
  json?: string,
  option = "--parameters",
  jsonWords: readonly string[] = [],
): DataMap | undefined {
  const result: Record<string, Data> = {};
  if (json !== undefined) {
    const parsed = parseObject(json, option);
    Object.assign(result, parsed);
  }
  const paths = new Set<string>();
  const take = (word: string, read: (value: string, name: string) => Data): void => {
    const at = word.indexOf("=");
    if (at < 1) {
      throw new LavaError("BAD_ASSIGNMENT", `Not of the form name=value: ${word}`, {
        kind: "usage",
      });
    }
    const name = word.slice(0, at);
    refuseClash(name, paths);
    assign(result, name.split("."), read(word.slice(at + 1), name));
  };
  for (const word of words) take(word, (value) => value);
  for (const word of jsonWords) take(word, (value, name) => readJson(value, name));
  return Object.keys(result).length === 0 ? undefined : result;
}

/** A value and a branch of the same name exclude each other (CLI-020). */
function refuseClash(path: string, others: Set<string>): void {
  for (const other of others) {
    if (!path.startsWith(`${other}.`) && !other.startsWith(`${path}.`)) continue;
    throw new LavaError("BAD_ASSIGNMENT", `${path} and ${other}: path conflict`, { kind: "usage" });
  }
  others.add(path);
}

function readJson(json: string, what: string): Data {
  try {
    return parseJson(json);
  } catch (error) {
    throw new LavaError("BAD_ASSIGNMENT", `${what}: not JSON: ${errorText(error)}`, {
      kind: "usage",
      cause: error,
    });
  }
}

function parseObject(json: string, option: string): DataMap {
  const parsed = readJson(json, option);
  if (isMap(parsed)) return parsed;
  throw new LavaError("BAD_ASSIGNMENT", `${option}: not a JSON object: ${json}`, { kind: "usage" });
}

function assign(target: Record<string, Data>, path: readonly string[], value: Data): void {
  const [name = "", ...rest] = path;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const inner = target[name];
  const copy: Record<string, Data> = {};
  if (isMap(inner)) Object.assign(copy, inner);
  assign(copy, rest, value);
  target[name] = copy;
}
