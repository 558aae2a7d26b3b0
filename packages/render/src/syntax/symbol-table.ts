import type { Load, Place, Scope, VisibleName } from "./nodes.ts";

interface Pending {
  readonly from: "resolve" | "outer" | "undefined" | "parameter";
  readonly name: string;
  readonly place: Place;
}

/**
 * The names of one frame, as Jinja binds them: before anything runs, each name is a slot of the frame that
 * assigns it, or else of the outermost frame that reads it. So an assignment in a loop is gone with its turn.
 */
export class SymbolTable {
  readonly parent: SymbolTable | undefined;
  readonly level: number;
  #references = new Map<string, number>();
  #loads = new Map<number, Pending>();
  #stores = new Set<string>();
  /** Slots by name, shared by the branches of an if. */
  #slots = new Map<string, number>();
  #visible: readonly VisibleName[] | undefined;

  constructor(parent?: SymbolTable) {
    this.parent = parent;
    this.level = parent === undefined ? 0 : parent.level + 1;
  }

  /** Takes slot 0 for `loop`, whether or not the name means it. */
  reserve(name: string): void {
    this.#slot(name);
  }

  #slot(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.#slots.size;
    this.#slots.set(name, slot);
    return slot;
  }

  #define(name: string, load: Pending): number {
    const slot = this.#slot(name);
    this.#references.set(name, slot);
    this.#loads.set(slot, load);
    return slot;
  }

  #find(name: string): { table: SymbolTable; slot: number } | undefined {
    const slot = this.#references.get(name);
    if (slot !== undefined) return { table: this, slot };
    const { parent } = this;
    return parent === undefined ? undefined : parent.#find(name);
  }

  /** Where a name lives, seen from this frame. A name that nobody analysed is read from the context. */
  place(name: string): Place {
    const found = this.#find(name);
    if (found === undefined) {
      this.load(name);
      return this.place(name);
    }
    return { hops: this.level - found.table.level, slot: found.slot };
  }

  load(name: string): void {
    if (this.#find(name) !== undefined) return;
    this.#define(name, { from: "resolve", name, place: { hops: 0, slot: 0 } });
  }

  store(name: string): void {
    this.#stores.add(name);
    if (!this.#references.has(name)) this.#define(name, this.#outerOr(name, "undefined"));
  }

  parameter(name: string): number {
    this.#stores.add(name);
    return this.#define(name, { from: "parameter", name, place: { hops: 0, slot: 0 } });
  }

  #outerOr(name: string, otherwise: "undefined" | "resolve"): Pending {
    const { parent } = this;
    const outer = parent === undefined ? undefined : parent.#find(name);
    return outer === undefined
      ? { from: otherwise, name, place: { hops: 0, slot: 0 } }
      : {
          from: "outer",
          name,
          place: { hops: this.level - 1 - outer.table.level, slot: outer.slot },
        };
  }

  /** A copy to analyse one branch of an if with. */
  branch(): SymbolTable {
    const copy = new SymbolTable(this.parent);
    copy.#references = new Map(this.#references);
    copy.#loads = new Map(this.#loads);
    copy.#stores = new Set(this.#stores);
    copy.#slots = this.#slots;
    return copy;
  }

  /** Takes over what the branches did; a name that only some assign starts with what is outside. */
  merge(branches: readonly SymbolTable[]): void {
    const added = new Set<string>();
    for (const branch of branches) {
      for (const name of branch.#stores) if (!this.#stores.has(name)) added.add(name);
    }
    for (const branch of branches) {
      for (const [name, slot] of branch.#references) this.#references.set(name, slot);
      for (const [slot, load] of branch.#loads) this.#loads.set(slot, load);
      for (const name of branch.#stores) this.#stores.add(name);
    }
    for (const name of added) {
      const found = this.#find(name);
      if (found !== undefined) this.#loads.set(found.slot, this.#outerOr(name, "resolve"));
    }
  }

  /** What the interpreter needs. */
  toScope(): Scope {
    const loads: Load[] = [];
    for (const [slot, load] of this.#loads) {
      if (load.from === "parameter" || load.from === "undefined") continue;
      loads.push({ slot, from: load.from, name: load.name, place: load.place });
    }
    return {
      size: this.#slots.size,
      loads,
      visible: () => (this.#visible ??= this.#listVisible()),
    };
  }

  #listVisible(): readonly VisibleName[] {
    const names = new Set<string>();
    for (let table: SymbolTable | undefined = this; table !== undefined; table = table.parent) {
      for (const name of table.#stores) names.add(name);
    }
    return Array.from(names, (name) => ({ name, place: this.place(name) }));
  }
}
