import { addNumbers, subtractNumbers } from "../decimal.ts";
import {
  type AttributeValue,
  elementsOf,
  invalid,
  type Item,
  typeOf,
  withElements,
} from "../values.ts";
import { findOverlap, getAt, showPath } from "./document.ts";
import type { Placeholders, ResolvedPath } from "./placeholders.ts";
import type { SetValue, Update } from "./syntax.ts";

/** An item while it is being changed. */
type Draft = { [key: string]: AttributeValue };

/** The paths that an update touches; refuses those that overlap. */
export function pathsOf(update: Update, placeholders: Placeholders): readonly ResolvedPath[] {
  const paths = [
    ...update.set.map(({ path }) => path),
    ...update.remove,
    ...update.add.map(({ path }) => path),
    ...update.delete.map(({ path }) => path),
  ].map((path) => placeholders.path(path));
  const overlap = findOverlap(paths);
  if (overlap !== undefined) {
    throw invalid(
      `Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: ${showPath(overlap[0])}, path two: ${showPath(overlap[1])}`,
    );
  }
  return paths;
}

/** What is wrong with an update whatever the item. */
export function checkUpdate(update: Update, placeholders: Placeholders): void {
  for (const [clause, entries] of [
    ["ADD", update.add],
    ["DELETE", update.delete],
  ] as const) {
    for (const { path, value } of entries) {
      const given = placeholders.value(value);
      const isSet = elementsOf(given) !== undefined;
      if (!isSet && !(clause === "ADD" && "N" in given)) throw wrongOperand(clause, given);
      if (clause === "DELETE" && path.length === 0) throw invalidPath();
    }
  }
  const walk = (value: SetValue): void => {
    if (value.kind === "if_not_exists") walk(value.otherwise);
    if (value.kind !== "list_append" && value.kind !== "+" && value.kind !== "-") return;
    for (const operand of [value.left, value.right]) {
      walk(operand);
      if (operand.kind !== "value") continue;
      const given = placeholders.value(operand.name);
      if (value.kind === "list_append" ? !("L" in given) : !("N" in given)) {
        throw wrongOperand(value.kind, given);
      }
    }
  };
  for (const { value } of update.set) walk(value);
}

/** The item after the update. All values are taken from the item as it was before. */
export function applyUpdate(item: Item, update: Update, placeholders: Placeholders): Item {
  const sets = update.set.map(({ path, value }) => ({
    path: placeholders.path(path),
    value: evaluate(item, value, placeholders),
  }));
  const root = structuredClone<Draft>({ ...item });
  // Ascending, so that indexes past the end of a list append in their order.
  for (const { path, value } of sets.toSorted((a, b) => lastIndex(a.path) - lastIndex(b.path))) {
    setAt(root, path, value);
  }
  for (const { path, value } of update.add)
    add(root, placeholders.path(path), placeholders.value(value));
  for (const { path, value } of update.delete) {
    removeElements(root, placeholders.path(path), placeholders.value(value));
  }
  // Descending, so that an index still means what it meant when an earlier one has gone.
  const removals = update.remove.map((path) => placeholders.path(path));
  for (const path of removals.toSorted((a, b) => lastIndex(b) - lastIndex(a))) removeAt(root, path);
  return root;
}

function lastIndex(path: ResolvedPath): number {
  const last = path.at(-1);
  return typeof last === "number" ? last : -1;
}

function evaluate(item: Item, value: SetValue, placeholders: Placeholders): AttributeValue {
  switch (value.kind) {
    case "value":
      return placeholders.value(value.name);
    case "path": {
      const found = getAt(item, placeholders.path(value.path));
      if (found === undefined) {
        throw invalid(
          "The provided expression refers to an attribute that does not exist in the item",
        );
      }
      return found;
    }
    case "if_not_exists":
      return (
        getAt(item, placeholders.path(value.path)) ?? evaluate(item, value.otherwise, placeholders)
      );
    case "list_append":
    case "+":
    case "-": {
      const left = evaluate(item, value.left, placeholders);
      const right = evaluate(item, value.right, placeholders);
      if (value.kind === "list_append") {
        if ("L" in left && "L" in right) return { L: [...left.L, ...right.L] };
      } else if ("N" in left && "N" in right) {
        const combine = value.kind === "+" ? addNumbers : subtractNumbers;
        return { N: combine(left.N, right.N) };
      }
      throw invalid("An operand in the update expression has an incorrect data type");
    }
  }
  return value satisfies never;
}

/** The map or list that holds the last step of a path. */
function parentOf(root: Draft, path: ResolvedPath): AttributeValue {
  const parent = getAt(root, path.slice(0, -1));
  const key = path.at(-1);
  const fits = parent !== undefined && (typeof key === "number" ? "L" in parent : "M" in parent);
  if (!fits) throw invalidPath();
  return parent;
}

function setAt(root: Draft, path: ResolvedPath, value: AttributeValue): void {
  const key = path.at(-1);
  if (path.length === 1 && typeof key === "string") {
    root[key] = value;
    return;
  }
  const parent = parentOf(root, path);
  if ("M" in parent && typeof key === "string") {
    Object.defineProperty(parent.M, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  } else if ("L" in parent && typeof key === "number") {
    mutable(parent.L).splice(Math.min(key, parent.L.length), 1, value);
  }
}

function removeAt(root: Draft, path: ResolvedPath): void {
  const key = path.at(-1);
  if (path.length === 1 && typeof key === "string") {
    delete root[key];
    return;
  }
  const parent = parentOf(root, path);
  if ("M" in parent && typeof key === "string") Reflect.deleteProperty(parent.M, key);
  else if ("L" in parent && typeof key === "number") mutable(parent.L).splice(key, 1);
}

function add(root: Draft, path: ResolvedPath, value: AttributeValue): void {
  const old = getAt(root, path);
  if (old === undefined) {
    setAt(root, path, value);
    return;
  }
  if ("N" in old && "N" in value) {
    setAt(root, path, { N: addNumbers(old.N, value.N) });
    return;
  }
  const [present, more] = [elementsOf(old), elementsOf(value)];
  if (present === undefined || more === undefined || typeOf(old) !== typeOf(value)) {
    throw invalid("An operand in the update expression has an incorrect data type");
  }
  setAt(root, path, withElements(old, [...new Set([...present, ...more])]));
}

function removeElements(root: Draft, path: ResolvedPath, value: AttributeValue): void {
  const old = getAt(root, path);
  if (old === undefined) return;
  const [present, less] = [elementsOf(old), elementsOf(value)];
  if (present === undefined || less === undefined || typeOf(old) !== typeOf(value)) {
    throw invalid("An operand in the update expression has an incorrect data type");
  }
  const left = present.filter((element) => !less.includes(element));
  if (left.length === 0) removeAt(root, path);
  else setAt(root, path, withElements(old, left));
}

/** The draft is a deep copy that nobody else holds. */
function mutable(list: readonly AttributeValue[]): AttributeValue[] {
  // oxlint-disable-next-line no-unsafe-type-assertion -- see above
  return list as AttributeValue[];
}

function wrongOperand(name: string, value: AttributeValue): Error {
  return invalid(
    `Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ${name}, operand type: ${typeOf(value)}`,
  );
}

function invalidPath(): Error {
  return invalid("The document path provided in the update expression is invalid for update");
}
