import { type Expression, node, nodeList, type Pair } from "./nodes.ts";
import type { TokenStream } from "./token-stream.ts";

/** Parses a list in brackets. */
export function parseList(stream: TokenStream, expression: () => Expression): Expression {
  const token = stream.expect("[");
  const items: Expression[] = [];
  while (!stream.test("]")) {
    if (items.length > 0) stream.expect(",");
    if (stream.test("]")) break;
    items.push(expression());
  }
  stream.expect("]");
  return node("List", token, { items: nodeList(items) });
}

/** Parses a dict in braces. */
export function parseDict(stream: TokenStream, expression: () => Expression): Expression {
  const token = stream.expect("{");
  const items: Pair[] = [];
  while (!stream.test("}")) {
    if (items.length > 0) stream.expect(",");
    if (stream.test("}")) break;
    const at = stream.current;
    const key = expression();
    stream.expect(":");
    items.push(node("Pair", at, { key, value: expression() }));
  }
  stream.expect("}");
  return node("Dict", token, { items: nodeList(items) });
}
