import type { ExpressionParser } from "./expression-parser.ts";
import type { Token } from "./lexer.ts";
import { type Node, node } from "./nodes.ts";
import type { TokenStream } from "./token-stream.ts";

/** `with context` / `without context`, else what is usual. */
const contextOr = (stream: TokenStream, usual: boolean): boolean =>
  explicitContext(stream) ?? usual;

function explicitContext(stream: TokenStream): boolean | undefined {
  if (!stream.testAny(["name:with", "name:without"])) return undefined;
  if (!stream.test("name:context", stream.look())) return undefined;
  const withContext = stream.next().text === "with";
  stream.next();
  return withContext;
}

/** Parses `include` behind its name. */
export function parseInclude(
  stream: TokenStream,
  expressions: ExpressionParser,
  token: Token,
): Node {
  const template = expressions.expression();
  const ignoreMissing = stream.test("name:ignore") && stream.test("name:missing", stream.look());
  if (ignoreMissing) stream.skip(2);
  const withContext = contextOr(stream, true);
  return node("Include", token, { template, ignoreMissing, withContext, around: null });
}

/** Parses `import` behind its name. */
export function parseImport(
  stream: TokenStream,
  expressions: ExpressionParser,
  token: Token,
): Node {
  const template = expressions.expression();
  stream.expect("name:as");
  const target = expressions.nameTarget().name;
  return node("Import", token, {
    template,
    target,
    place: { hops: 0, slot: 0 },
    withContext: contextOr(stream, false),
    around: null,
    toplevel: false,
  });
}

/** Parses `from` behind its name. */
export function parseFrom(stream: TokenStream, expressions: ExpressionParser, token: Token): Node {
  const template = expressions.expression();
  stream.expect("name:import");
  const names: { name: string; alias: string; place: { hops: number; slot: number } }[] = [];
  let withContext: boolean | undefined;
  for (;;) {
    if (names.length > 0) stream.expect(",");
    if (!stream.test("name")) {
      stream.expect("name");
    }
    withContext = explicitContext(stream);
    if (withContext !== undefined) break;
    const at = stream.current;
    const { name } = expressions.nameTarget();
    if (name.startsWith("_")) {
      throw stream.fault("names starting with an underline can not be imported", at);
    }
    const alias = stream.skipIf("name:as") ? expressions.nameTarget().name : name;
    names.push({ name, alias, place: { hops: 0, slot: 0 } });
    withContext = explicitContext(stream);
    if (withContext !== undefined || !stream.test(",")) break;
  }
  return node("FromImport", token, {
    template,
    names,
    withContext: withContext ?? false,
    around: null,
    toplevel: false,
  });
}
