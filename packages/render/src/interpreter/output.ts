import { typeError } from "../values/error.ts";
import { Markup } from "../values/markup.ts";
import { typeName, type Value } from "../values/value.ts";
import type { Run } from "./run.ts";

/** What a template has printed so far. Jinja joins it in one go, so what is no text fails only then. */
export class Output {
  readonly #run: Run;
  readonly #items: Value[] = [];
  #plain = true;

  constructor(run: Run) {
    this.#run = run;
  }

  write(text: string): void {
    this.#run.written(text.length);
    this.#items.push(text);
  }

  /** Takes what a call or filter gave, text or not. */
  append(value: Value): void {
    if (typeof value === "string") {
      this.write(value);
      return;
    }
    this.#plain = false;
    this.#items.push(value);
  }

  text(): string {
    if (this.#plain) return this.#items.join("");
    return this.#items
      .map((item, index) => {
        if (typeof item === "string") return item;
        if (item instanceof Markup) return item.text;
        throw typeError(`sequence item ${index}: expected str instance, ${typeName(item)} found`);
      })
      .join("");
  }
}
