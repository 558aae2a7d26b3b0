import { argumentsOf, parseArguments } from "./argument-parser.ts";
import { parseDict, parseList } from "./literal-parser.ts";
import {
  type Arguments,
  type At,
  type CompareOperator,
  type Expression,
  type Filter,
  type Name,
  node,
  nodeList,
  type Operand,
} from "./nodes.ts";
import { describe, type TokenStream } from "./token-stream.ts";

const COMPARE: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);
const RESERVED: ReadonlySet<string> = new Set(["true", "false", "none", "True", "False", "None"]);

/** Options of {@link ExpressionParser.tuple}. */
interface TupleOptions {
  /** Only names and literals: a target. */
  readonly simplified?: boolean;
  readonly withConditional?: boolean;
  /** Tokens that end the tuple besides the end of the tag. */
  readonly ends?: readonly string[];
  /** Empty parentheses are a tuple. */
  readonly parentheses?: boolean;
  /** `ns.name` is a target. */
  readonly namespace?: boolean;
}

const place = (): { hops: number; slot: number } => ({ hops: 0, slot: 0 });

/** Parses expressions by the grammar of Jinja 3.1: its precedence, which is not quite Python's. */
export class ExpressionParser {
  readonly stream: TokenStream;

  constructor(stream: TokenStream) {
    this.stream = stream;
  }

  expression(withConditional = true): Expression {
    this.stream.enter();
    const expression = withConditional ? this.#conditional() : this.#or();
    this.stream.leave();
    return expression;
  }

  /** An expression, or several with commas between: a tuple. */
  tuple(options: TupleOptions = {}): Expression {
    const { stream } = this;
    const start = stream.current;
    const items: Expression[] = [];
    let isTuple = false;
    let at: At = start;
    for (;;) {
      if (items.length > 0) stream.expect(",");
      if (this.#tupleEnds(options.ends)) break;
      items.push(
        options.simplified === true
          ? this.#primary(options.namespace === true)
          : this.expression(options.withConditional ?? true),
      );
      if (!stream.test(",")) break;
      isTuple = true;
      at = stream.current;
    }
    const [first] = items;
    if (!isTuple && first !== undefined) return first;
    if (!isTuple && options.parentheses !== true) {
      throw stream.fault(`Expected an expression, got '${describe(stream.current)}'`);
    }
    return node("Tuple", at, { items: nodeList(items) });
  }

  #tupleEnds(ends: readonly string[] | undefined): boolean {
    return this.stream.testAny(["variable_end", "block_end", ")", ...(ends ?? [])]);
  }

  /** A target of `set`, `for` or `with`. */
  target(options: TupleOptions = {}): Expression {
    const target = this.tuple({ ...options, simplified: true });
    this.#checkTarget(target);
    return target;
  }

  /** A target that is one name. */
  nameTarget(): Name {
    const token = this.stream.expect("name");
    const name = node("Name", token, { name: token.text, place: place() });
    this.#checkTarget(name);
    return name;
  }

  #checkTarget(target: Expression): void {
    const bad = this.#badTarget(target) ? target : undefined;
    if (bad === undefined) return;
    throw this.stream.fault(`can't assign to '${bad.kind.toLowerCase()}'`, {
      line: bad.lineno,
      column: bad.colno,
    });
  }

  #badTarget(target: Expression): boolean {
    if (target.kind === "Tuple") {
      return target.items.children.some((item) => this.#badTarget(item));
    }
    if (target.kind === "Name") return RESERVED.has(target.name);
    return target.kind !== "NamespaceRef";
  }

  #conditional(): Expression {
    const { stream } = this;
    let at: At = stream.current;
    let then = this.#or();
    for (let links = 1; stream.skipIf("name:if"); links++) {
      stream.link(links);
      const test = this.#or();
      stream.enter();
      const otherwise = stream.skipIf("name:else") ? this.#conditional() : null;
      stream.leave();
      then = node("Conditional", at, { test, then, otherwise });
      at = stream.current;
    }
    return then;
  }

  #or(): Expression {
    const at = this.stream.current;
    let left = this.#and();
    for (let links = 1; this.stream.skipIf("name:or"); links++) {
      this.stream.link(links);
      left = node("Logical", at, { operator: "or", left, right: this.#and() });
    }
    return left;
  }

  #and(): Expression {
    const at = this.stream.current;
    let left = this.#not();
    for (let links = 1; this.stream.skipIf("name:and"); links++) {
      this.stream.link(links);
      left = node("Logical", at, { operator: "and", left, right: this.#not() });
    }
    return left;
  }

  #not(): Expression {
    const at = this.stream.current;
    if (!this.stream.skipIf("name:not")) return this.#compare();
    this.stream.enter();
    const operand = this.#not();
    this.stream.leave();
    return node("Not", at, { operand });
  }

  #compare(): Expression {
    const { stream } = this;
    const at = stream.current;
    const first = this.#sum();
    const rest: Operand[] = [];
    for (let operator = this.#compareOperator(); operator; operator = this.#compareOperator()) {
      rest.push(node("Operand", stream.current, { operator, operand: this.#sum() }));
    }
    return rest.length === 0 ? first : node("Compare", at, { first, rest: nodeList(rest) });
  }

  #compareOperator(): CompareOperator | undefined {
    const { stream } = this;
    if (COMPARE.has(stream.current.type)) {
      const token = stream.next().type;
      switch (token) {
        case "==":
        case "!=":
        case "<":
        case "<=":
        case ">":
        case ">=":
          return token;
        default:
          return undefined;
      }
    }
    if (stream.skipIf("name:in")) return "in";
    if (stream.test("name:not") && stream.test("name:in", stream.look())) {
      stream.skip(2);
      return "not in";
    }
    return undefined;
  }

  #sum(): Expression {
    const { stream } = this;
    let left = this.#concat();
    for (let links = 1; stream.current.type === "+" || stream.current.type === "-"; links++) {
      stream.link(links);
      const token = stream.next();
      const operator = token.type === "+" ? "+" : "-";
      left = node("Binary", token, { operator, left, right: this.#concat() });
    }
    return left;
  }

  #concat(): Expression {
    const at = this.stream.current;
    const items = [this.#product()];
    while (this.stream.skipIf("~")) items.push(this.#product());
    const [first] = items;
    return items.length === 1 && first !== undefined
      ? first
      : node("Concat", at, { items: nodeList(items), escape: false });
  }

  #product(): Expression {
    const { stream } = this;
    let left = this.#power();
    for (let links = 0; ; links++) {
      stream.link(links);
      const token = stream.current;
      const operator = token.type;
      if (operator !== "*" && operator !== "/" && operator !== "//" && operator !== "%")
        return left;
      stream.next();
      left = node("Binary", token, { operator, left, right: this.#power() });
    }
  }

  #power(): Expression {
    let left = this.unary();
    for (let links = 1; this.stream.current.type === "**"; links++) {
      this.stream.link(links);
      const token = this.stream.next();
      left = node("Binary", token, { operator: "**", left, right: this.unary() });
    }
    return left;
  }

  unary(withFilter = true): Expression {
    const { stream } = this;
    const at = stream.current;
    let value: Expression;
    if (at.type === "-" || at.type === "+") {
      stream.next();
      stream.enter();
      value = node("Unary", at, { operator: at.type, operand: this.unary(false) });
      stream.leave();
    } else value = this.#primary(false);
    value = this.#postfix(value);
    return withFilter ? this.#filters(value) : value;
  }

  #primary(namespace: boolean): Expression {
    const { stream } = this;
    const token = stream.current;
    switch (token.type) {
      case "name":
        stream.next();
        if (token.text === "true" || token.text === "True")
          return node("Const", token, { value: true });
        if (token.text === "false" || token.text === "False") {
          return node("Const", token, { value: false });
        }
        if (token.text === "none" || token.text === "None")
          return node("Const", token, { value: null });
        if (namespace && stream.skipIf(".")) {
          const attribute = stream.expect("name").text;
          return node("NamespaceRef", token, { name: token.text, attribute, place: place() });
        }
        return node("Name", token, { name: token.text, place: place() });
      case "string": {
        let text = "";
        while (stream.current.type === "string") {
          const { value } = stream.next();
          if (typeof value === "string") text += value;
        }
        return node("Const", token, { value: text });
      }
      case "integer":
      case "float":
        stream.next();
        return node("Const", token, { value: token.value });
      case "(": {
        stream.next();
        const value = this.tuple({ parentheses: true });
        stream.expect(")");
        return value;
      }
      case "[":
        return parseList(stream, () => this.expression());
      case "{":
        return parseDict(stream, () => this.expression());
      default:
        throw stream.fault(`unexpected '${describe(token)}'`);
    }
  }

  #postfix(value: Expression): Expression {
    let result = value;
    for (let links = 0; ; links++) {
      this.stream.link(links);
      const { type } = this.stream.current;
      if (type === "." || type === "[") result = this.#subscript(result);
      else if (type === "(") result = this.#call(result);
      else return result;
    }
  }

  #filters(value: Expression): Expression {
    let result = value;
    for (let links = 0; ; links++) {
      this.stream.link(links);
      if (this.stream.test("|")) result = this.filter(result);
      else if (this.stream.test("name:is")) result = this.#test(result);
      else if (this.stream.test("(")) result = this.#call(result);
      else return result;
    }
  }

  #subscript(target: Expression): Expression {
    const { stream } = this;
    const token = stream.next();
    if (token.type === ".") {
      const name = stream.next();
      if (name.type === "name") return node("Attribute", token, { target, name: name.text });
      if (name.type !== "integer") throw stream.fault("expected name or number", name);
      return node("Item", token, { target, key: node("Const", name, { value: name.value }) });
    }
    const keys: Expression[] = [];
    while (!stream.test("]")) {
      if (keys.length > 0) stream.expect(",");
      keys.push(this.#key());
    }
    stream.expect("]");
    const [first] = keys;
    const key =
      keys.length === 1 && first !== undefined
        ? first
        : node("Tuple", token, { items: nodeList(keys) });
    return node("Item", token, { target, key });
  }

  #key(): Expression {
    const { stream } = this;
    const at = stream.current;
    const start = stream.test(":") ? null : this.expression();
    if (start !== null && !stream.test(":")) return start;
    stream.next();
    const ends = [":", "]", ","];
    const stop = stream.testAny(ends) ? null : this.expression();
    let step: Expression | null = null;
    if (stream.skipIf(":") && !stream.testAny(["]", ","])) step = this.expression();
    return node("Slice", at, { start, stop, step });
  }

  #call(target: Expression): Expression {
    const token = this.stream.current;
    return node("Call", token, { target, arguments: this.callArguments() });
  }

  callArguments(): Arguments {
    return parseArguments(this.stream, () => this.expression());
  }

  /** `| name(...)`, once or more; with `inline` the first has no bar. */
  filter(target: Expression | null, inline = false): Filter {
    const { stream } = this;
    let value = target;
    let bar = !inline;
    for (let links = 0; ; links++) {
      stream.link(links);
      if (bar) stream.expect("|");
      bar = true;
      const token = stream.expect("name");
      const name = this.#dottedName(token.text);
      const filter: Filter = node("Filter", token, {
        target: value,
        name,
        arguments: this.#optionalArguments(),
      });
      if (!stream.test("|")) return filter;
      value = filter;
    }
  }

  #dottedName(first: string): string {
    let name = first;
    while (this.stream.skipIf(".")) name += `.${this.stream.expect("name").text}`;
    return name;
  }

  #optionalArguments(): Arguments {
    return this.stream.test("(") ? this.callArguments() : argumentsOf(this.stream, []);
  }

  #test(target: Expression): Expression {
    const { stream } = this;
    const token = stream.next();
    const negated = stream.skipIf("name:not");
    const name = this.#dottedName(stream.expect("name").text);
    const test = node("Test", token, { target, name, arguments: this.#testArguments() });
    return negated ? node("Not", token, { operand: test }) : test;
  }

  #testArguments(): Arguments {
    const { stream } = this;
    if (stream.test("(")) return this.callArguments();
    const starts = ["name", "string", "integer", "float", "(", "[", "{"];
    const bare = stream.testAny(starts) && !stream.testAny(["name:else", "name:or", "name:and"]);
    if (!bare) return argumentsOf(this.stream, []);
    if (stream.test("name:is")) throw stream.fault("You cannot chain multiple tests with is");
    return argumentsOf(this.stream, [this.#postfix(this.#primary(false))]);
  }
}
