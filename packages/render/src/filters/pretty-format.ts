import { order, repr } from "../values/basics.ts";
import { PyDict } from "../values/dict.ts";
import { PyList, PyTuple } from "../values/sequence.ts";
import { PySet } from "../values/set.ts";
import { splitLines } from "../values/text.ts";
import { typeName, type Value } from "../values/value.ts";

const WIDTH = 80;

/** `pprint.pformat`: like `repr`, keys sorted, long values over several lines. */
export const prettyFormat = (value: Value): string => format(value, 0, 0, 1);

/** Sorts what has an order, else by type. */
function safeOrder(left: Value, right: Value): number {
  try {
    const result = order(left, right);
    if (result !== undefined && !Number.isNaN(result)) return result;
  } catch {
    // Nested values without an order: their types decide.
  }
  return typeName(left) < typeName(right) ? -1 : 1;
}

const sortedEntries = (dict: PyDict): [Value, Value][] =>
  Array.from(dict.entries.values()).sort(([left], [right]) => safeOrder(left, right));

/** `repr` with the keys of dicts in order. */
function plain(value: Value): string {
  if (value instanceof PyDict) {
    return `{${sortedEntries(value)
      .map(([key, item]) => `${plain(key)}: ${plain(item)}`)
      .join(", ")}}`;
  }
  if (value instanceof PyList) return `[${value.items.map(plain).join(", ")}]`;
  if (value instanceof PyTuple) {
    const [only] = value.items;
    if (value.items.length === 1 && only !== undefined) return `(${plain(only)},)`;
    return `(${value.items.map(plain).join(", ")})`;
  }
  return repr(value);
}

function format(value: Value, indent: number, allowance: number, level: number): string {
  const text = plain(value);
  if (text.length <= WIDTH - indent - allowance) return text;
  if (value instanceof PyDict) {
    const entries = sortedEntries(value);
    const lines = entries.map(([key, item], index) => {
      const label = `${plain(key)}: `;
      const room = index === entries.length - 1 ? allowance + 1 : 1;
      return label + format(item, indent + 1 + label.length, room, level + 1);
    });
    return `{${lines.join(`,\n${" ".repeat(indent + 1)}`)}}`;
  }
  if (value instanceof PyList) return `[${items(value.items, indent, allowance + 1, level)}]`;
  if (value instanceof PyTuple) {
    const end = value.items.length === 1 ? ",)" : ")";
    return `(${items(value.items, indent, allowance + end.length, level)}${end}`;
  }
  if (value instanceof PySet && value.size() !== 0) {
    const members = [...value.iterate()].sort(safeOrder);
    return `{${items(members, indent, allowance + 1, level)}}`;
  }
  return typeof value === "string" ? longText(value, indent, allowance, level) : text;
}

function items(all: readonly Value[], indent: number, allowance: number, level: number): string {
  return all
    .map((item, index) =>
      format(item, indent + 1, index === all.length - 1 ? allowance : 1, level + 1),
    )
    .join(`,\n${" ".repeat(indent + 1)}`);
}

/** A long text as adjacent literals, broken after white space. */
function longText(
  text: string,
  outerIndent: number,
  outerAllowance: number,
  level: number,
): string {
  const indent = level === 1 ? outerIndent + 1 : outerIndent;
  const allowance = level === 1 ? outerAllowance + 1 : outerAllowance;
  const lines = splitLines(text, true);
  const chunks: string[] = [];
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    const width = WIDTH - indent;
    if (repr(line).length <= width - (isLast ? allowance : 0)) {
      chunks.push(repr(line));
      continue;
    }
    const parts = line.match(/\S*\s*/g)?.filter((part) => part !== "") ?? [];
    let current = "";
    for (const [at, part] of parts.entries()) {
      const room = at === parts.length - 1 && isLast ? width - allowance : width;
      if (repr(current + part).length > room) {
        if (current !== "") chunks.push(repr(current));
        current = part;
      } else current += part;
    }
    if (current !== "") chunks.push(repr(current));
  }
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const body = chunks.join(`\n${" ".repeat(indent)}`);
  return level === 1 ? `(${body})` : body;
}
