/** The lines of Python code that begin a statement or may: not within brackets, nor within a text of several lines. */
export function startsOfStatements(code: string): boolean[] {
  let depth = 0;
  let quote: string | undefined;
  let isContinued = false;
  return code.split("\n").map((line) => {
    const starts = depth === 0 && quote === undefined && !isContinued;
    // IPython's own lines are no Python: their quotes and brackets mean nothing.
    if (starts && /^\s*[%!?]/.test(line)) return true;
    for (let at = 0; at < line.length; at += 1) {
      const char = line[at] ?? "";
      if (char === "\\") at += 1;
      else if (quote !== undefined) {
        if (!line.startsWith(quote, at)) continue;
        at += quote.length - 1;
        quote = undefined;
      } else if (char === "#") break;
      else if (char === '"' || char === "'") {
        quote = line.startsWith(char.repeat(3), at) ? char.repeat(3) : char;
        at += quote.length - 1;
      } else if ("([{".includes(char)) depth += 1;
      else if (")]}".includes(char)) depth = Math.max(0, depth - 1);
    }
    // A text in single quotes ends with its line.
    if (quote?.length === 1) quote = undefined;
    isContinued = quote === undefined && line.endsWith("\\");
    return starts;
  });
}
