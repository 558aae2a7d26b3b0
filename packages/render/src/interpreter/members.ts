import { attribute, subscript } from "../values/attributes.ts";
import { sliced } from "../values/attributes.ts";
import { repr } from "../values/basics.ts";
import { PyError } from "../values/error.ts";
import { PySlice } from "../values/slice.ts";
import { Undefined } from "../values/undefined.ts";
import { typeName, type Value } from "../values/value.ts";

/** What every Python object has and no template may have: the way from a value to the interpreter. */
const UNSAFE =
  /^(?:__(?:class|dict|doc|module|init|new|del|repr|str|hash|eq|ne|lt|le|gt|ge|format|sizeof|reduce|reduce_ex|getattribute|setattr|delattr|dir|init_subclass|subclasshook|subclasses|mro|bases|base|globals|builtins|code|closure|func|self|call|getattr|get|set|wrapped|annotations|import|getitem|iter|len|add|contains)__)$/;

/** Refuses the attributes that lead out of the data. */
export function checkName(value: Value, name: string): void {
  if (!UNSAFE.test(name) || value instanceof Undefined) return;
  throw new PyError(
    "SecurityError",
    `access to attribute '${name}' of '${typeName(value)}' object is unsafe.`,
  );
}

/** `value.name`: the attribute, else the item (T-30). */
export function member(value: Value, name: string): Value {
  const found = attribute(value, name);
  if (found !== undefined) return found;
  const item = subscript(value, name);
  if (item !== undefined) return item;
  if (name.startsWith("__")) checkName(value, name);
  return new Undefined({ object: value, name });
}

/** `value[key]`: the item, else for a text the attribute. */
export function item(value: Value, key: Value): Value {
  if (key instanceof PySlice) return sliced(value, key);
  const found = subscript(value, key);
  if (found !== undefined) return found;
  if (typeof key === "string") {
    const named = attribute(value, key);
    if (named !== undefined) return named;
    if (key.startsWith("__")) checkName(value, key);
    return new Undefined({ object: value, name: key });
  }
  return new Undefined({ object: value, name: key, nameText: repr(key) });
}
