/** One step of a document path; `name` may be a placeholder (`#n`). */
export type PathPart = { readonly name: string } | { readonly index: number };

/** `a.#b[3]`. */
export type Path = readonly PathPart[];

/** What conditions compare. */
export type Operand =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly name: string }
  | { readonly kind: "size"; readonly of: Operand };

/** `=`, `<>` and so on. */
export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** The functions that are conditions. */
export type ConditionFunction =
  | "attribute_exists"
  | "attribute_not_exists"
  | "attribute_type"
  | "begins_with"
  | "contains";

/** A condition, filter or key condition. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly condition: Condition }
  | {
      readonly kind: "compare";
      readonly comparator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | {
      readonly kind: "between";
      readonly operand: Operand;
      readonly low: Operand;
      readonly high: Operand;
    }
  | { readonly kind: "in"; readonly operand: Operand; readonly list: readonly Operand[] }
  | {
      readonly kind: "call";
      readonly name: ConditionFunction;
      readonly operands: readonly Operand[];
    };

/** What SET gives an attribute. */
export type SetValue =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly name: string }
  | { readonly kind: "if_not_exists"; readonly path: Path; readonly otherwise: SetValue }
  | {
      readonly kind: "list_append" | "+" | "-";
      readonly left: SetValue;
      readonly right: SetValue;
    };

/** The clauses of an update expression. */
export interface Update {
  readonly set: readonly { readonly path: Path; readonly value: SetValue }[];
  readonly remove: readonly Path[];
  /** `value` is a placeholder. */
  readonly add: readonly { readonly path: Path; readonly value: string }[];
  readonly delete: readonly { readonly path: Path; readonly value: string }[];
}

/** A parsed expression and the placeholders in it. */
export interface Parsed<T> {
  readonly tree: T;
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}
