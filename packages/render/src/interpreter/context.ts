import type { Value } from "../values/value.ts";
import type { BlockBody } from "./template.ts";

/** Where names come from that no template assigned: globals and what the caller passed. */
export interface NameSource {
  get(name: string): Value | undefined;
}

/** The names and blocks of one running template. */
export class Context {
  readonly source: NameSource;
  /** Names handed over by an including template. */
  readonly overlay: ReadonlyMap<string, Value>;
  /** Names that the top of the template assigned. */
  readonly vars: Map<string, Value> = new Map();
  /** Those of `vars` that an import sees. */
  readonly exported: Set<string> = new Set();
  /** The bodies of each block: the most derived template's first. */
  readonly blocks: Map<string, BlockBody[]>;
  /** Shared by contexts derived from this one. */
  readonly escaping: { on: boolean };
  readonly templateName: string | undefined;

  constructor(
    source: NameSource,
    overlay: ReadonlyMap<string, Value>,
    templateName: string | undefined,
    blocks: Iterable<readonly [string, BlockBody[]]> = [],
    escaping = { on: false },
  ) {
    this.source = source;
    this.overlay = overlay;
    this.templateName = templateName;
    this.blocks = new Map(blocks);
    this.escaping = escaping;
  }

  resolve(name: string): Value | undefined {
    const own = this.vars.get(name);
    if (own !== undefined) return own;
    const handed = this.overlay.get(name);
    return handed === undefined ? this.source.get(name) : handed;
  }

  /** All names that templates assigned so far, with more laid over them. */
  snapshot(locals: Iterable<readonly [string, Value]>): Map<string, Value> {
    return new Map([...this.overlay, ...this.vars, ...locals]);
  }

  /** The context of a scoped block. */
  derive(locals: Iterable<readonly [string, Value]>): Context {
    const blocks = Array.from(
      this.blocks,
      ([name, bodies]) => [name, [...bodies]] as [string, BlockBody[]],
    );
    return new Context(
      this.source,
      this.snapshot(locals),
      this.templateName,
      blocks,
      this.escaping,
    );
  }
}
