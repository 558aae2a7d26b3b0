import type { Data } from "@lava/core";

/** Collects the names and values of one DynamoDB expression under placeholders. */
export interface Expression {
  /** Placeholder of an attribute; a path of several names is joined by dots. */
  name(...path: readonly string[]): string;
  /** Placeholder of a value. */
  value(value: Data): string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, Data>>;
}

/** An expression without names and values yet. */
export function createExpression(): Expression {
  const placeholders = new Map<string, string>();
  const names: Record<string, string> = {};
  const values: Record<string, Data> = {};
  const one = (name: string): string => {
    let placeholder = placeholders.get(name);
    if (placeholder === undefined) {
      placeholder = `#n${placeholders.size}`;
      placeholders.set(name, placeholder);
      names[placeholder] = name;
    }
    return placeholder;
  };
  return {
    names,
    values,
    name: (...path) => path.map(one).join("."),
    value(value) {
      const placeholder = `:v${Object.keys(values).length}`;
      values[placeholder] = value;
      return placeholder;
    },
  };
}
