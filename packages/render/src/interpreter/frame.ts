import type { Place, Scope } from "../syntax/nodes.ts";
import type { Value } from "../values/value.ts";
import type { Context } from "./context.ts";

/** The slots of one scope while it runs; an empty slot is a name without a value. */
export class Frame {
  readonly slots: (Value | undefined)[];
  readonly parent: Frame | undefined;

  constructor(size: number, parent: Frame | undefined) {
    this.slots = size === 0 ? [] : Array.from<Value | undefined>({ length: size });
    this.parent = parent;
  }

  get(place: Place): Value | undefined {
    let frame: Frame = this;
    for (let hops = place.hops; hops > 0 && frame.parent !== undefined; hops--)
      frame = frame.parent;
    return frame.slots[place.slot];
  }

  set(place: Place, value: Value): void {
    let frame: Frame = this;
    for (let hops = place.hops; hops > 0 && frame.parent !== undefined; hops--)
      frame = frame.parent;
    frame.slots[place.slot] = value;
  }
}

/** Enters a scope: reads what it takes from the context and from outside. */
export function enter(scope: Scope, parent: Frame | undefined, context: Context): Frame {
  const frame = new Frame(scope.size, parent);
  for (const load of scope.loads) {
    frame.slots[load.slot] =
      load.from === "resolve" ? context.resolve(load.name) : parent?.get(load.place);
  }
  return frame;
}
