import type { FilterContext, FilterFunction } from "../interpreter/environment.ts";
import { item as itemOf } from "../interpreter/members.ts";
import { str } from "../values/basics.ts";
import { Markup } from "../values/markup.ts";
import { bind, parseSignature } from "../values/method.ts";
import { PyList } from "../values/sequence.ts";
import { Undefined } from "../values/undefined.ts";
import type { Value } from "../values/value.ts";

/** What a filter does with its value, its bound arguments and the state. */
export type FilterBody = (
  value: Value,
  args: readonly (Value | undefined)[],
  state: FilterContext,
  kwargs: ReadonlyMap<string, Value>,
) => Value;

/**
 * Filters from a table of signature to body: `"do_replace(s, old, new, count=None)"` is named by the key's
 * last part. The first parameter is the value.
 */
export function filterTable(
  table: Readonly<Record<string, FilterBody>>,
): [name: string, filter: FilterFunction][] {
  return Object.entries(table).map(([text, body]) => {
    const [name = "", rest = ""] = text.split(/: ?(.*)/s);
    const signature = parseSignature(rest === "" ? text : rest);
    const takesState = STATES.has(signature.parameters[0]?.name ?? "");
    const owner = signature.name === "len" || signature.name === "abs" ? "" : undefined;
    return [
      rest === "" ? signature.name : name,
      (value, call, state) => {
        const args = takesState ? [null, value, ...call.args] : [value, ...call.args];
        const bound = bind(signature, { args, kwargs: call.kwargs }, owner);
        const first = takesState ? 1 : 0;
        return body(bound[first] ?? null, bound.slice(first + 1), state, call.kwargs);
      },
    ];
  });
}

/** First parameters of Jinja's own filters that no template gives; messages count them. */
const STATES: ReadonlySet<string> = new Set(["environment", "env", "eval_ctx", "context"]);

/** Text that stays Markup if it was: `soft_str`. */
export const softText = (value: Value): string =>
  typeof value === "string" ? value : value instanceof Markup ? value.text : str(value);

/** Keeps a result Markup where the value was. */
export const like = (value: Value, text: string): Value =>
  value instanceof Markup ? new Markup(text) : text;

/** Lower case for comparisons of text. */
function ignoreCase(value: Value): Value {
  if (typeof value === "string") return value.toLowerCase();
  return value instanceof Markup ? value.text.toLowerCase() : value;
}

/** Follows an attribute path such as `address.city` or `0`. */
export function attributeGetter(
  attribute: Value,
  options: { readonly ignoreCase?: boolean; readonly default?: Value | undefined } = {},
): (value: Value) => Value {
  const parts = attributeParts(attribute);
  const fallback = options.default ?? null;
  return (start) => {
    let value = start;
    for (const part of parts) {
      value = itemOf(value, part);
      if (fallback !== null && value instanceof Undefined) value = fallback;
    }
    return options.ignoreCase === true ? ignoreCase(value) : value;
  };
}

function attributeParts(attribute: Value): Value[] {
  if (attribute === null) return [];
  if (typeof attribute !== "string") return [attribute];
  return attribute.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** The keys of a sort by one or more attributes with commas between. */
export function multiAttributeGetter(attribute: Value, caseless: boolean): (value: Value) => Value {
  const attributes = typeof attribute === "string" ? attribute.split(",") : [attribute];
  const getters = attributes.map((part) => attributeGetter(part, { ignoreCase: caseless }));
  return (value) => new PyList(getters.map((getter) => getter(value)));
}
