import { WHITESPACE } from "../values/text.ts";
import type { Delimiters } from "./delimiters.ts";
import { ExpressionParser } from "./expression-parser.ts";
import { parseFrom, parseImport, parseInclude } from "./import-parser.ts";
import {
  type Lexer,
  type LexerOptions,
  type Token,
  tokenize,
  tokenizeExpression,
} from "./lexer.ts";
import {
  type Expression,
  type If,
  type MacroBody,
  type Name,
  node,
  type Node,
  nodeList,
  type NodeList,
  type NodeOf,
} from "./nodes.ts";
import { describeExpression, TokenStream } from "./token-stream.ts";

const BLANK = new RegExp(`^[${WHITESPACE}]+$`);

/** Parses a template into nunjucks-style nodes. */
export function parseTemplate(
  source: string,
  marks: Delimiters,
  options?: LexerOptions,
): NodeOf<"Template"> {
  return new Parser(tokenize(source, marks, options)).template();
}

/** Parses a lone expression into a template that holds only it. */
export function parseExpression(source: string, marks: Delimiters): NodeOf<"Template"> {
  return new Parser(tokenizeExpression(source, marks)).loneExpression();
}

class Parser {
  readonly #stream: TokenStream;
  readonly #expressions: ExpressionParser;
  readonly #tags: string[] = [];
  readonly #ends: (readonly string[])[] = [];

  constructor(lexer: Lexer) {
    this.#stream = new TokenStream(lexer);
    this.#expressions = new ExpressionParser(this.#stream);
  }

  template(): NodeOf<"Template"> {
    const body = this.#body(undefined);
    return node("Template", { line: 1, column: 1 }, { body, scope: null });
  }

  loneExpression(): NodeOf<"Template"> {
    const at = this.#stream.current;
    const value = this.#expressions.expression();
    if (this.#stream.current.type !== "eof") {
      throw this.#stream.fault("chunk after expression");
    }
    const output = node("Output", at, { items: nodeList([value]), escape: false });
    return node("Template", at, { body: nodeList([output]), scope: null });
  }

  #body(ends: readonly string[] | undefined): NodeList {
    const stream = this.#stream;
    const body: Node[] = [];
    let output: Expression[] = [];
    const flush = (): void => {
      const [first] = output;
      if (first === undefined) return;
      const at = { line: first.lineno, column: first.colno };
      body.push(node("Output", at, { items: nodeList(output), escape: false }));
      output = [];
    };
    if (ends !== undefined) this.#ends.push(ends);
    while (stream.current.type !== "eof") {
      const token = stream.current;
      if (token.type === "data") {
        output.push(node("TemplateData", token, { text: token.text }));
        stream.next();
      } else if (token.type === "variable_begin") {
        stream.next();
        output.push(this.#expressions.tuple());
        stream.expect("variable_end");
      } else {
        flush();
        stream.expect("block_begin");
        if (ends !== undefined && stream.testAny(ends)) break;
        body.push(this.#statement());
        stream.expect("block_end");
      }
    }
    flush();
    if (ends !== undefined) this.#ends.pop();
    return nodeList(body);
  }

  /** The statements up to one of the end tags; the end tag is then the current token. */
  #statements(ends: readonly string[]): NodeList {
    this.#stream.skipIf(":");
    this.#stream.expect("block_end");
    const body = this.#body(ends);
    if (this.#stream.current.type === "eof")
      throw this.#unexpected(undefined, [...this.#ends, ends]);
    return body;
  }

  #statementsTo(end: string): NodeList {
    const body = this.#statements([end]);
    this.#stream.next();
    return body;
  }

  #statement(): Node {
    const token = this.#stream.current;
    if (token.type !== "name") throw this.#stream.fault("tag name expected");
    const parse = this.#parserFor(token.text);
    if (parse === undefined) throw this.#unexpected(token.text, this.#ends);
    this.#tags.push(token.text);
    this.#stream.enter();
    const statement = parse.call(this, this.#stream.next());
    this.#tags.pop();
    this.#stream.leave();
    return statement;
  }

  #parserFor(tag: string): ((token: Token) => Node) | undefined {
    switch (tag) {
      case "for":
        return this.#for;
      case "if":
        return this.#if;
      case "set":
        return this.#set;
      case "with":
        return this.#with;
      case "autoescape":
        return this.#autoescape;
      case "macro":
        return this.#macro;
      case "call":
        return this.#callBlock;
      case "filter":
        return this.#filterBlock;
      case "block":
        return this.#block;
      case "extends":
        return (token) => node("Extends", token, { template: this.#expressions.expression() });
      case "include":
        return (token) => parseInclude(this.#stream, this.#expressions, token);
      case "import":
        return (token) => parseImport(this.#stream, this.#expressions, token);
      case "from":
        return (token) => parseFrom(this.#stream, this.#expressions, token);
      case "print":
        return this.#print;
      default:
        return undefined;
    }
  }

  #unexpected(tag: string | undefined, ends: readonly (readonly string[])[]): Error {
    const quote = (text: string): string => `'${text}'`;
    const looking = ends
      .at(-1)
      ?.map((end) => quote(describeExpression(end)))
      .join(" or ");
    const expected = new Set(ends.flat().map(describeExpression));
    const message = [
      tag === undefined ? "Unexpected end of template." : `Encountered unknown tag ${quote(tag)}.`,
    ];
    if (looking !== undefined) {
      message.push(
        tag !== undefined && expected.has(tag)
          ? "You probably made a nesting mistake. Jinja is expecting this tag, but currently " +
              `looking for ${looking}.`
          : `Jinja was looking for the following tags: ${looking}.`,
      );
    }
    const innermost = this.#tags.at(-1);
    if (innermost !== undefined) {
      message.push(`The innermost block that needs to be closed is ${quote(innermost)}.`);
    }
    return this.#stream.fault(message.join(" "));
  }

  #for(token: Token): Node {
    const stream = this.#stream;
    const target = this.#expressions.target({ ends: ["name:in"] });
    stream.expect("name:in");
    const iterable = this.#expressions.tuple({
      withConditional: false,
      ends: ["name:recursive"],
    });
    const test = stream.skipIf("name:if") ? this.#expressions.expression() : null;
    const recursive = stream.skipIf("name:recursive");
    const body = this.#statements(["name:endfor", "name:else"]);
    const otherwise = stream.next().text === "endfor" ? null : this.#statementsTo("name:endfor");
    return node("For", token, {
      target,
      iterable,
      body,
      otherwise,
      test,
      recursive,
      scopes: null,
      escape: false,
    });
  }

  #if(token: Token): If {
    const stream = this.#stream;
    const ends = ["name:elif", "name:else", "name:endif"];
    const test = this.#expressions.tuple({ withConditional: false });
    const body = this.#statements(ends);
    const elifs: If[] = [];
    let otherwise: NodeList = nodeList([]);
    for (;;) {
      const end = stream.next();
      if (end.text === "elif") {
        const elifTest = this.#expressions.tuple({ withConditional: false });
        const elifBody = this.#statements(ends);
        elifs.push(
          node("If", end, {
            test: elifTest,
            body: elifBody,
            elifs: nodeList<If>([]),
            otherwise: nodeList([]),
          }),
        );
        continue;
      }
      if (end.text === "else") otherwise = this.#statementsTo("name:endif");
      return node("If", token, { test, body, elifs: nodeList(elifs), otherwise });
    }
  }

  #set(token: Token): Node {
    const target = this.#expressions.target({ namespace: true });
    if (this.#stream.skipIf("=")) {
      return node("Set", token, { target, value: this.#expressions.tuple(), toplevel: false });
    }
    const filter = this.#stream.test("|") ? this.#expressions.filter(null) : null;
    const body = this.#statementsTo("name:endset");
    return node("SetBlock", token, {
      target,
      filter,
      body,
      scope: null,
      toplevel: false,
      escape: false,
    });
  }

  #with(token: Token): Node {
    const stream = this.#stream;
    const targets: Expression[] = [];
    const values: Expression[] = [];
    while (!stream.test("block_end")) {
      if (targets.length > 0) stream.expect(",");
      targets.push(this.#expressions.target());
      stream.expect("=");
      values.push(this.#expressions.expression());
    }
    const body = this.#statementsTo("name:endwith");
    return node("With", token, {
      targets: nodeList(targets),
      values: nodeList(values),
      body,
      scope: null,
    });
  }

  #autoescape(token: Token): Node {
    const enabled = this.#expressions.expression();
    const body = this.#statementsTo("name:endautoescape");
    return node("Autoescape", token, { enabled, body, scope: null });
  }

  #signature(): { parameters: Name[]; defaults: Expression[] } {
    const stream = this.#stream;
    const parameters: Name[] = [];
    const defaults: Expression[] = [];
    stream.expect("(");
    while (!stream.test(")")) {
      if (parameters.length > 0) stream.expect(",");
      const parameter = this.#expressions.nameTarget();
      if (stream.skipIf("=")) defaults.push(this.#expressions.expression());
      else if (defaults.length > 0) {
        throw stream.fault("non-default argument follows default argument");
      }
      if (parameters.some((other) => other.name === parameter.name)) {
        throw stream.fault(`duplicate argument '${parameter.name}' in function definition`);
      }
      parameters.push(parameter);
    }
    stream.expect(")");
    return { parameters, defaults };
  }

  #macroBody(
    token: Token,
    name: string | null,
    signature: { parameters: Name[]; defaults: Expression[] },
    end: string,
  ): MacroBody {
    return node("MacroBody", token, {
      name,
      parameters: nodeList(signature.parameters),
      defaults: nodeList(signature.defaults),
      body: this.#statementsTo(end),
      scope: null,
      escape: false,
    });
  }

  #macro(token: Token): Node {
    const { name } = this.#expressions.nameTarget();
    const macro = this.#macroBody(token, name, this.#signature(), "name:endmacro");
    return node("Macro", token, { name, place: { hops: 0, slot: 0 }, macro, toplevel: false });
  }

  #callBlock(token: Token): Node {
    const signature = this.#stream.test("(") ? this.#signature() : { parameters: [], defaults: [] };
    const call = this.#expressions.expression();
    if (call.kind !== "Call") throw this.#stream.fault("expected call", token);
    const macro = this.#macroBody(token, null, signature, "name:endcall");
    return node("CallBlock", token, { call, macro });
  }

  #filterBlock(token: Token): Node {
    const filter = this.#expressions.filter(null, true);
    const body = this.#statementsTo("name:endfilter");
    return node("FilterBlock", token, { filter, body, scope: null, escape: false });
  }

  #block(token: Token): Node {
    const stream = this.#stream;
    const name = stream.expect("name").text;
    const scoped = stream.skipIf("name:scoped");
    const required = stream.skipIf("name:required");
    if (stream.test("-")) {
      throw stream.fault(
        "Block names in Jinja have to be valid Python identifiers and may not contain hyphens, " +
          "use an underscore instead.",
      );
    }
    const body = this.#statementsTo("name:endblock");
    if (required && !body.children.every(isBlank)) {
      throw stream.fault("Required blocks can only contain comments or whitespace");
    }
    stream.skipIf(`name:${name}`);
    return node("Block", token, {
      name,
      scoped,
      required,
      body,
      scope: null,
      around: null,
      toplevel: false,
    });
  }

  #print(token: Token): Node {
    const items: Expression[] = [];
    while (!this.#stream.test("block_end")) {
      if (items.length > 0) this.#stream.expect(",");
      items.push(this.#expressions.expression());
    }
    return node("Output", token, { items: nodeList(items), escape: false });
  }
}

const isBlank = (statement: Node): boolean =>
  statement.kind === "Output" &&
  statement.items.children.every((item) => item.kind === "TemplateData" && BLANK.test(item.text));
