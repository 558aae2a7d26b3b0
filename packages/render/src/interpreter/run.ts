import type { NodeBase } from "../syntax/nodes.ts";
import { limitError, type Limits } from "../values/limits.ts";
import type { Undefined } from "../values/undefined.ts";
import type { Value } from "../values/value.ts";
import type { NameSource } from "./context.ts";
import type { Environment } from "./environment.ts";
import type { Template } from "./template.ts";

/** One rendering: what all its templates share. */
export class Run {
  readonly environment: Environment;
  readonly limits: Limits;
  /** What templates see that are imported without context. */
  readonly globals: NameSource;
  readonly onUndefined: ((value: Undefined, at: NodeBase, template: Template) => void) | undefined;
  /** Modules that were imported without context, by template. */
  readonly modules: Map<string, Value> = new Map();
  /** The node that is being worked on, for errors. */
  at: NodeBase | undefined;
  template: Template | undefined;
  /** Names of the templates that are being included, the outermost first. */
  readonly including: string[] = [];
  #steps = 0;
  #depth = 0;
  #size = 0;

  constructor(
    environment: Environment,
    globals: NameSource,
    limits: Limits,
    onUndefined?: (value: Undefined, at: NodeBase, template: Template) => void,
  ) {
    this.environment = environment;
    this.globals = globals;
    this.limits = limits;
    this.onUndefined = onUndefined;
  }

  step(): void {
    if (++this.#steps > this.limits.steps) {
      throw limitError(`the template takes more than ${this.limits.steps} steps`);
    }
  }

  written(size: number): void {
    this.#size += size;
    if (this.#size > this.limits.output) {
      throw limitError(`the template writes more than ${this.limits.output} characters`);
    }
  }

  /** Goes into a call, block or template, until `leave`; a RecursionError where that goes too far. */
  enter(): void {
    if (++this.#depth > this.limits.depth) {
      throw limitError(
        `maximum recursion depth exceeded: more than ${this.limits.depth} calls within one another${this.#circle()}`,
      );
    }
  }

  /** The templates that include each other, as the tail of a message; "" where none does. */
  #circle(): string {
    const end = this.including.length - 1;
    const start = this.including.lastIndexOf(this.including[end] ?? "", end - 1);
    return end > 0 && start >= 0 ? `: ${this.including.slice(start).join(" includes ")}` : "";
  }

  /** Not needed after an error: nothing catches those that end a rendering. */
  leave(): void {
    this.#depth--;
  }
}
