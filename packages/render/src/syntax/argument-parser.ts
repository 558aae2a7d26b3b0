import { type Arguments, type Expression, type Keyword, node, nodeList } from "./nodes.ts";
import type { TokenStream } from "./token-stream.ts";

/** Parses arguments in parentheses. */
export function parseArguments(stream: TokenStream, expression: () => Expression): Arguments {
  const token = stream.expect("(");
  const positional: Expression[] = [];
  const keywords: Keyword[] = [];
  let rest: Expression | null = null;
  let keywordRest: Expression | null = null;
  const ensure = (fine: boolean): void => {
    if (!fine) throw stream.fault("invalid syntax for function call expression", token);
  };
  let comma = false;
  while (!stream.test(")")) {
    if (comma) {
      stream.expect(",");
      if (stream.test(")")) break;
    }
    if (stream.skipIf("*")) {
      ensure(rest === null && keywordRest === null);
      rest = expression();
    } else if (stream.skipIf("**")) {
      ensure(keywordRest === null);
      keywordRest = expression();
    } else if (stream.test("name") && stream.look().type === "=") {
      ensure(keywordRest === null);
      const name = stream.current;
      stream.skip(2);
      keywords.push(node("Keyword", name, { name: name.text, value: expression() }));
    } else {
      ensure(rest === null && keywordRest === null && keywords.length === 0);
      positional.push(expression());
    }
    comma = true;
  }
  stream.expect(")");
  return node("Arguments", token, {
    positional: nodeList(positional),
    keywords: nodeList(keywords),
    rest,
    keywordRest,
  });
}

/** Arguments that have no parentheses. */
export function argumentsOf(stream: TokenStream, positional: readonly Expression[]): Arguments {
  return node("Arguments", stream.current, {
    positional: nodeList(positional),
    keywords: nodeList<Keyword>([]),
    rest: null,
    keywordRest: null,
  });
}
