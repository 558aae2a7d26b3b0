import type { MacroBody } from "../syntax/nodes.ts";
import { textRepr } from "../values/text.ts";
import { Undefined } from "../values/undefined.ts";
import { enter, type Frame } from "./frame.ts";
import { Macro } from "./macro.ts";
import type { Walker } from "./walker.ts";

/** Makes the value of a macro, or of a call block's body, that sees the names of its place. */
export function makeMacro(walker: Walker, body: MacroBody, frame: Frame): Macro {
  const { scope } = body;
  if (scope === null) throw new Error("a template is analysed before it runs");
  const names = body.parameters.children;
  const defaults = body.defaults.children;
  const firstDefault = names.length - defaults.length;
  return new Macro(body, scope, (given) => {
    const inner = enter(scope.scope, frame, walker.context);
    for (let index = 0; index < names.length; index++) {
      const value = given.parameters[index];
      const name = names[index];
      if (value !== undefined && name !== undefined) inner.set(name.place, value);
    }
    if (scope.caller !== undefined) inner.slots[scope.caller] = given.caller;
    if (scope.kwargs !== undefined) inner.slots[scope.kwargs] = given.kwargs;
    if (scope.varargs !== undefined) inner.slots[scope.varargs] = given.varargs;
    for (let index = 0; index < names.length; index++) {
      const name = names[index];
      if (given.parameters[index] !== undefined || name === undefined) continue;
      const fallback = defaults[index - firstDefault];
      inner.set(
        name.place,
        fallback === undefined
          ? new Undefined({
              hint: `parameter ${textRepr(name.name)} was not provided`,
              name: name.name,
            })
          : walker.evaluate(fallback, inner),
      );
    }
    return walker.safe(walker.captureBody(body.body.children, inner), body.escape);
  });
}
