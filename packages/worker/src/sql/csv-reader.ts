/**
 * Reads CSV as Python's reader does in its `excel` dialect: quotes are special only at the start of a field, two in
 * a quoted field are one, line ends inside of quotes are kept, an empty line is an empty row (T-16).
 */
export async function* readCsv(chunks: AsyncIterable<string>): AsyncGenerator<string[]> {
  let row: string[] = [];
  let field = "";
  let state: "start" | "plain" | "quoted" | "quote" = "start";
  /** The last character was CR, so that LF belongs to it. */
  let afterReturn = false;
  /** Whether the row has begun: a field, a delimiter or a quote was seen. */
  let begun = false;

  const endRow = (): string[] => {
    const done = begun ? [...row, field] : [];
    row = [];
    field = "";
    state = "start";
    begun = false;
    return done;
  };

  for await (const chunk of chunks) {
    for (const char of chunk) {
      const continues = afterReturn && char === "\n";
      afterReturn = false;
      if (continues) continue;
      if (state === "quoted") {
        if (char === '"') state = "quote";
        else field += char;
      } else if (char === '"' && state === "quote") {
        field += char;
        state = "quoted";
      } else if (char === '"' && state === "start") {
        state = "quoted";
        begun = true;
      } else if (char === "\n" || char === "\r") {
        afterReturn = char === "\r";
        yield endRow();
      } else if (char === ",") {
        row.push(field);
        field = "";
        state = "start";
        begun = true;
      } else {
        field += char;
        state = "plain";
        begun = true;
      }
    }
  }
  if (begun) yield endRow();
}
