const cache = new Map<string, RegExp>();

/** Shell-style match of a whole text, case-sensitive, `*` crossing `/`, as Python's `fnmatch.fnmatchcase`. */
export function fnmatch(text: string, pattern: string): boolean {
  let regex = cache.get(pattern);
  if (!regex) {
    regex = new RegExp(`^(?:${translate(pattern)})$`, "su");
    if (cache.size > 500) cache.clear();
    cache.set(pattern, regex);
  }
  return regex.test(text);
}

function translate(pattern: string): string {
  const chars = [...pattern];
  let out = "";
  for (let i = 0; i < chars.length; i += 1) {
    const char = chars[i] ?? "";
    if (char === "*") out += ".*";
    else if (char === "?") out += ".";
    else if (char === "[") {
      const set = characterSet(chars, i);
      out += set.regex;
      i = set.end;
    } else out += escape(char);
  }
  return out;
}

/** A `[...]` set from `start`; without its closing bracket it is a plain `[`. */
function characterSet(chars: readonly string[], start: number): { regex: string; end: number } {
  let end = start + 1;
  const negated = chars[end] === "!";
  if (negated) end += 1;
  if (chars[end] === "]") end += 1;
  while (end < chars.length && chars[end] !== "]") end += 1;
  if (end >= chars.length) return { regex: "\\[", end: start };
  const body = chars.slice(start + (negated ? 2 : 1), end);
  const parts: string[] = [];
  for (let i = 0; i < body.length; i += 1) {
    const from = body[i] ?? "";
    const to = body[i + 2];
    if (body[i + 1] === "-" && to !== undefined) {
      if (from <= to) parts.push(`${escape(from)}-${escape(to)}`);
      i += 2;
    } else parts.push(escape(from));
  }
  if (parts.length === 0) return { regex: negated ? "." : "(?!)", end };
  return { regex: `[${negated ? "^" : ""}${parts.join("")}]`, end };
}

function escape(char: string): string {
  // A hyphen may only be escaped inside a set, and has to be there.
  if (char === "-") return "\\x2d";
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
