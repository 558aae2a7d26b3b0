/** A part of a pattern. */
type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "one" }
  | { readonly kind: "many" }
  | { readonly kind: "set"; readonly test: RegExp }
  | { readonly kind: "group"; readonly operator: string; readonly options: readonly Node[][] };

/**
 * Whether a text as a whole matches a pattern of bash with its extended globs: `*`, `?`, `[a-z]`, `[!a]`, and
 * `?(a|b)`, `*(a|b)`, `+(a|b)`, `@(a|b)`, `!(a|b)`. Nothing stops at a slash, as `[[ text == pattern ]]` has it (CLI-205).
 */
export function matchExtGlob(pattern: string, text: string): boolean {
  const { nodes } = parse([...pattern], 0, false);
  const chars = [...text];
  return ends(nodes, chars, new Set([0])).has(chars.length);
}

/** Places where a match of `nodes` can end that begins at one of `starts`. */
function ends(
  nodes: readonly Node[],
  text: readonly string[],
  starts: ReadonlySet<number>,
): ReadonlySet<number> {
  let places = starts;
  for (const node of nodes) {
    if (places.size === 0) return places;
    places = step(node, text, places);
  }
  return places;
}

function step(
  node: Node,
  text: readonly string[],
  starts: ReadonlySet<number>,
): ReadonlySet<number> {
  const found = new Set<number>();
  switch (node.kind) {
    case "text":
      for (const at of starts) if (text[at] === node.text) found.add(at + 1);
      return found;
    case "one":
      for (const at of starts) if (at < text.length) found.add(at + 1);
      return found;
    case "set":
      for (const at of starts) if (node.test.test(text[at] ?? "")) found.add(at + 1);
      return found;
    case "many":
      for (let at = Math.min(...starts); at <= text.length; at += 1) found.add(at);
      return found;
    case "group":
      return group(node, text, starts);
  }
}

function group(
  { operator, options }: Extract<Node, { kind: "group" }>,
  text: readonly string[],
  starts: ReadonlySet<number>,
): ReadonlySet<number> {
  const once = (from: ReadonlySet<number>): Set<number> =>
    new Set(options.flatMap((option) => [...ends(option, text, from)]));
  if (operator === "@") return once(starts);
  if (operator === "?") return new Set([...starts, ...once(starts)]);
  if (operator === "!") {
    const found = new Set<number>();
    for (const at of starts) {
      const not = once(new Set([at]));
      for (let end = at; end <= text.length; end += 1) if (!not.has(end)) found.add(end);
    }
    return found;
  }
  const found = new Set(operator === "*" ? starts : []);
  let last: ReadonlySet<number> = once(starts);
  while (last.size > 0) {
    const fresh = [...last].filter((at) => !found.has(at));
    for (const at of fresh) found.add(at);
    last = once(new Set(fresh));
  }
  return found;
}

/** Nodes up to the end, or inside a group up to `|` or `)`. */
function parse(
  chars: readonly string[],
  start: number,
  isInside: boolean,
): { readonly nodes: Node[]; readonly end: number } {
  const nodes: Node[] = [];
  let at = start;
  while (at < chars.length) {
    const char = chars[at] ?? "";
    if (isInside && (char === "|" || char === ")")) break;
    const inner =
      "?*+@!".includes(char) && chars[at + 1] === "(" ? parseGroup(chars, at) : undefined;
    const set = char === "[" ? parseSet(chars, at) : undefined;
    if (inner !== undefined) {
      nodes.push(inner.node);
      at = inner.end;
    } else if (set !== undefined) {
      nodes.push(set.node);
      at = set.end;
    } else {
      if (char === "\\" && at + 1 < chars.length) {
        at += 1;
        nodes.push({ kind: "text", text: chars[at] ?? "" });
      } else if (char === "*") nodes.push({ kind: "many" });
      else if (char === "?") nodes.push({ kind: "one" });
      else nodes.push({ kind: "text", text: char });
      at += 1;
    }
  }
  return { nodes, end: at };
}

/** A group from its operator on; undefined without its closing bracket: then it is plain text. */
function parseGroup(
  chars: readonly string[],
  start: number,
): { readonly node: Node; readonly end: number } | undefined {
  const options: Node[][] = [];
  let at = start + 2;
  for (;;) {
    const { nodes, end } = parse(chars, at, true);
    options.push(nodes);
    if (end >= chars.length) return undefined;
    if (chars[end] === ")") {
      return { node: { kind: "group", operator: chars[start] ?? "", options }, end: end + 1 };
    }
    at = end + 1;
  }
}

function parseSet(
  chars: readonly string[],
  start: number,
): { readonly node: Node; readonly end: number } | undefined {
  const isNegated = chars[start + 1] === "!" || chars[start + 1] === "^";
  const from = start + (isNegated ? 2 : 1);
  const end = chars.indexOf("]", from + 1);
  if (end === -1) return undefined;
  const body = chars
    .slice(from, end)
    .join("")
    .replace(/[\\\]^[]/g, String.raw`\$&`);
  try {
    return {
      node: { kind: "set", test: new RegExp(`^[${isNegated ? "^" : ""}${body}]$`, "su") },
      end: end + 1,
    };
  } catch {
    // A range from behind to before: bash lets it match nothing.
    return { node: { kind: "set", test: /(?!)/ }, end: end + 1 };
  }
}
