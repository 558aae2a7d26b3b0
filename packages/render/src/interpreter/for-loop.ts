import type { NodeOf, Scope } from "../syntax/nodes.ts";
import { iterate, truth } from "../values/basics.ts";
import type { Value } from "../values/value.ts";
import { assign } from "./assign.ts";
import { enter, type Frame } from "./frame.ts";
import { Loop } from "./loop.ts";
import type { Walker } from "./walker.ts";

type For = NodeOf<"For">;
type Recurse = (items: Value, depth: number) => Value;

/** Runs a `for` statement. */
export function runFor(walker: Walker, node: For, frame: Frame): void {
  const source = walker.evaluate(node.iterable, frame);
  walker.mark(node);
  if (!node.recursive) {
    runLoop(walker, node, frame, source, 0);
    return;
  }
  const recurse: Recurse = (items, depth) => {
    const text = walker.capture(() => runLoop(walker, node, frame, items, depth, recurse));
    return walker.safe(text, node.escape);
  };
  walker.out.append(recurse(source, 0));
}

function runLoop(
  walker: Walker,
  node: For,
  frame: Frame,
  source: Value,
  depth: number,
  recurse?: Recurse,
): void {
  const { scopes } = node;
  if (scopes === null) throw new Error("a template is analysed before it runs");
  const { run, context } = walker;
  const test = scopes.test;
  const all = iterate(source);
  const items = test === undefined ? all : selected(walker, node, test, all, frame);
  const body = node.body.children;
  let turned = false;
  if (scopes.extended) {
    const loop = new Loop(items, test === undefined ? source : undefined, depth, recurse);
    for (let item = loop.next(); item !== undefined; item = loop.next()) {
      turned = true;
      run.step();
      const inner = enter(scopes.body, frame, context);
      inner.slots[0] = loop;
      assign(walker, node.target, item, inner);
      walker.statements(body, inner);
    }
  } else {
    for (const item of items) {
      turned = true;
      run.step();
      const inner = enter(scopes.body, frame, context);
      assign(walker, node.target, item, inner);
      walker.statements(body, inner);
    }
  }
  if (!turned && node.otherwise !== null) {
    walker.statements(node.otherwise.children, enter(scopes.otherwise, frame, context));
  }
}

/** The items that the condition of the loop lets through, one by one. */
function* selected(
  walker: Walker,
  node: For,
  scope: Scope,
  items: Iterable<Value>,
  frame: Frame,
): Iterable<Value> {
  if (node.test === null) return;
  for (const item of items) {
    walker.run.step();
    const inner = enter(scope, frame, walker.context);
    assign(walker, node.target, item, inner);
    if (truth(walker.evaluate(node.test, inner))) yield item;
  }
}
