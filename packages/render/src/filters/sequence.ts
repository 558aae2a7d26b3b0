import type { FilterContext, FilterFunction } from "../interpreter/environment.ts";
import { checkName, member } from "../interpreter/members.ts";
import { attribute, binary, subscript } from "../values/attributes.ts";
import {
  compareWith,
  equals,
  hashKey,
  iterate,
  keyError,
  length,
  repr,
  sorted,
  str,
  truth,
} from "../values/basics.ts";
import { PyDict } from "../values/dict.ts";
import { PyError, typeError } from "../values/error.ts";
import { PyIterator, reversedItems } from "../values/iterator.ts";
import { checkItems, checkText } from "../values/limits.ts";
import { escapeMarkup, Markup } from "../values/markup.ts";
import { joinedSize, PyList, PyTuple } from "../values/sequence.ts";
import { characters } from "../values/text.ts";
import { Undefined } from "../values/undefined.ts";
import {
  type CallArguments,
  type HashKey,
  indexNumber,
  orElse,
  PyObject,
  typeName,
  type Value,
} from "../values/value.ts";
import { prettyFormat } from "./pretty-format.ts";
import { attributeGetter, filterTable, multiAttributeGetter, softText } from "./support.ts";
import { toJson } from "./to-json.ts";

const argumentError = (message: string): PyError => new PyError("FilterArgumentError", message);

function extreme(
  value: Value,
  [caseSensitive = false, by = null]: readonly (Value | undefined)[],
  better: (left: Value, right: Value) => boolean,
): Value {
  const getter = attributeGetter(by, { ignoreCase: !truth(caseSensitive) });
  let best: { item: Value; key: Value } | undefined;
  for (const item of iterate(value)) {
    const key = getter(item);
    if (best === undefined || better(key, best.key)) best = { item, key };
  }
  return best !== undefined
    ? best.item
    : new Undefined({ hint: "No aggregated item, sequence was empty." });
}

/** The name of a filter or test; one that is no text is looked for like any key, and not found. */
function libraryName(name: Value): string {
  hashKey(name);
  return typeof name === "string" || name instanceof Markup ? softText(name) : "";
}

/** A test by name over each item, or over an attribute of it. */
function chooser(
  { args, kwargs }: CallArguments,
  byAttribute: boolean,
  state: FilterContext,
): (item: Value) => boolean {
  const [first, ...others] = args;
  if (byAttribute && first === undefined)
    throw argumentError("Missing parameter for attribute name");
  const getter = byAttribute ? attributeGetter(first ?? null) : (item: Value): Value => item;
  const [name, ...rest] = byAttribute ? others : args;
  if (name === undefined) return (item) => truth(getter(item));
  const call = { args: rest, kwargs };
  return (item) => {
    const value = getter(item);
    return state.run.environment.test(libraryName(name), "filter", name)(value, call, state);
  };
}

const choose =
  (byAttribute: boolean, wanted: boolean): FilterFunction =>
  (value, call, state) =>
    new PyIterator(
      chosen(value, call, byAttribute, wanted, state),
      "generator",
      "select_or_reject",
    );

function* chosen(
  value: Value,
  call: CallArguments,
  byAttribute: boolean,
  wanted: boolean,
  state: FilterContext,
): Iterable<Value> {
  if (!truth(value)) return;
  const test = chooser(call, byAttribute, state);
  for (const item of iterate(value)) {
    state.run.step();
    if (test(item) === wanted) yield item;
  }
}

function* mapped(
  value: Value,
  { args, kwargs }: CallArguments,
  state: FilterContext,
): Iterable<Value> {
  if (!truth(value)) return;
  let apply: (item: Value) => Value;
  const by = kwargs.get("attribute");
  if (args.length === 0 && by !== undefined) {
    const unexpected = [...kwargs.keys()].find((key) => key !== "attribute" && key !== "default");
    if (unexpected !== undefined)
      throw argumentError(`Unexpected keyword argument ${repr(unexpected)}`);
    apply = attributeGetter(by, { default: kwargs.get("default") });
  } else {
    const [name, ...rest] = args;
    if (name === undefined) throw argumentError("map requires a filter argument");
    const call = { args: rest, kwargs };
    apply = (item) =>
      state.run.environment.filter(libraryName(name), "filter", name)(item, call, state);
  }
  for (const item of iterate(value)) {
    state.run.step();
    yield apply(item);
  }
}

const first = (value: Value): Value => {
  for (const item of iterate(value)) return item;
  return new Undefined({ hint: "No first item, sequence was empty." });
};

function backwards(value: Value): Value[] {
  if (typeof value === "string") return [...characters(value)].reverse();
  if (value instanceof Markup) return [...characters(value.text)].reverse();
  if (value instanceof Undefined) return [];
  const items = reversedItems(value);
  if (items === undefined) throw typeError(`'${typeName(value)}' object is not reversible`);
  return items;
}

function* batches(value: Value, size: Value, fill: Value): Iterable<Value> {
  let batch: Value[] = [];
  for (const item of iterate(value)) {
    if (equals(batch.length, size)) {
      yield new PyList(batch);
      batch = [];
    }
    batch.push(item);
  }
  if (batch.length === 0) return;
  if (fill !== null && compareWith("<", batch.length, size)) {
    const count = indexNumber(size);
    checkItems(count);
    while (batch.length < count) batch.push(fill);
  }
  yield new PyList(batch);
}

function* slices(value: Value, amount: Value, fill: Value): Iterable<Value> {
  const items = [...iterate(value)];
  binary("//", items.length, amount);
  const count = indexNumber(amount);
  checkItems(count);
  if (count === 0) throw new PyError("ZeroDivisionError", "integer division or modulo by zero");
  const size = Math.floor(items.length / count);
  const extra = items.length - size * count;
  let at = 0;
  for (let index = 0; index < count; index++) {
    const end = at + size + (index < extra ? 1 : 0);
    const slice = items.slice(at, end);
    if (fill !== null && index >= extra) slice.push(fill);
    yield new PyList(slice);
    at = end;
  }
}

function* unique(value: Value, getter: (item: Value) => Value): Iterable<Value> {
  const seen = new Set<HashKey>();
  for (const item of iterate(value)) {
    const key = hashKey(getter(item));
    if (seen.has(key)) continue;
    seen.add(key);
    yield item;
  }
}

function joinItems(value: Value, separator: Value, by: Value, escaping: boolean): Value {
  const getter = by === null ? undefined : attributeGetter(by);
  const items = Array.from(iterate(value), (item) => (getter === undefined ? item : getter(item)));
  if (!escaping) {
    const texts = items.map(str);
    checkText(joinedSize(texts, str(separator)));
    return texts.join(str(separator));
  }
  if (separator instanceof Markup || items.some((item) => item instanceof Markup)) {
    return new Markup(
      items.map((item) => escapeMarkup(item).text).join(escapeMarkup(separator).text),
    );
  }
  return items.map(str).join(str(separator));
}

const NAMES = ["grouper", "list"];

function grouped(value: Value, by: Value, fallback: Value, caseSensitive: boolean): PyList {
  const getter = attributeGetter(by, { ignoreCase: !caseSensitive, default: fallback });
  const groups: { key: Value; items: Value[] }[] = [];
  for (const item of sorted([...iterate(value)], getter)) {
    const key = getter(item);
    const last = groups.at(-1);
    if (last !== undefined && equals(last.key, key)) last.items.push(item);
    else groups.push({ key, items: [item] });
  }
  const shown = attributeGetter(by, { default: fallback });
  return new PyList(
    groups.map(({ key, items }) => {
      const [head = null] = items;
      return new PyTuple(
        [caseSensitive ? key : shown(head), new PyList(items)],
        NAMES,
        undefined,
        "_GroupTuple",
      );
    }),
  );
}

/** What Python calls the iterator that goes backwards through a value. */
function reverserName(value: Value): string {
  const type = typeName(value);
  if (type === "list") return "list_reverseiterator";
  if (type === "range") return "range_iterator";
  if (type === "dict") return "dict_reversekeyiterator";
  return type.startsWith("dict_") ? `dict_reverse${type.slice(5, -1)}iterator` : "reversed";
}

function* pairs(value: Value): Iterable<Value> {
  if (value instanceof Undefined) return;
  if (!(value instanceof PyDict)) throw typeError("Can only get item pairs from a mapping.");
  for (const pair of [...value.entries.values()]) yield new PyTuple(pair);
}

/** Filters of sequences and mappings. */
export const sequenceFilters: [name: string, filter: FilterFunction][] = [
  [
    "map",
    (value, call, state) => new PyIterator(mapped(value, call, state), "generator", "sync_do_map"),
  ],
  ["select", choose(false, true)],
  ["reject", choose(false, false)],
  ["selectattr", choose(true, true)],
  ["rejectattr", choose(true, false)],
  ...filterTable({
    "length: len(obj)": (value) => length(value),
    "count: len(obj)": (value) => length(value),
    "list: sync_do_list(value)": (value) => new PyList([...iterate(value)]),
    "first: sync_do_first(environment, seq)": (value) => first(value),
    "last: do_last(environment, seq)": (value) =>
      orElse(
        backwards(value)[0],
        () => new Undefined({ hint: "No last item, sequence was empty." }),
      ),
    "random: do_random(context, seq)": (value) => {
      const size = length(value);
      if (size === 0) return new Undefined({ hint: "No random item, sequence was empty." });
      const at = Math.floor(Math.random() * size);
      return orElse(subscript(value, at), () => {
        throw value instanceof PyDict
          ? keyError(at)
          : typeError(`'${typeName(value)}' object is not subscriptable`);
      });
    },
    "reverse: do_reverse(value)": (value) => {
      if (typeof value === "string") return backwards(value).map(str).join("");
      if (value instanceof Markup) return new Markup(backwards(value).map(str).join(""));
      if (value instanceof Undefined) return new PyIterator([], "reversed");
      const items = reversedItems(value);
      if (items === undefined) {
        if (!(value instanceof PyObject) || value.iterate() === undefined) {
          throw argumentError("argument must be iterable");
        }
        return new PyList([...iterate(value)].reverse());
      }
      return new PyIterator(items, reverserName(value));
    },
    "join: sync_do_join(eval_ctx, value, d='', attribute=None)": (
      value,
      [separator = "", by = null],
      state,
    ) => joinItems(value, separator, by, state.context.escaping.on),
    "sort: do_sort(environment, value, reverse=False, case_sensitive=False, attribute=None)": (
      value,
      [reverse = false, caseSensitive = false, by = null],
    ) =>
      new PyList(
        sorted(
          [...iterate(value)],
          multiAttributeGetter(by, !truth(caseSensitive)),
          indexNumber(reverse) !== 0,
        ),
      ),
    "unique: sync_do_unique(environment, value, case_sensitive=False, attribute=None)": (
      value,
      [caseSensitive = false, by = null],
    ) =>
      new PyIterator(
        unique(value, attributeGetter(by, { ignoreCase: !truth(caseSensitive) })),
        "generator",
        "sync_do_unique",
      ),
    "min: do_min(environment, value, case_sensitive=False, attribute=None)": (value, args) =>
      extreme(value, args, (left, right) => compareWith("<", left, right)),
    "max: do_max(environment, value, case_sensitive=False, attribute=None)": (value, args) =>
      extreme(value, args, (left, right) => compareWith(">", left, right)),
    "sum: sync_do_sum(environment, iterable, attribute=None, start=0)": (
      value,
      [by = null, start = 0],
    ) => {
      const items = iterate(value);
      if (typeof start === "string") {
        throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
      }
      const getter = attributeGetter(by);
      let total: Value = start;
      for (const item of items) total = binary("+", total, getter(item));
      return total;
    },
    "batch: do_batch(value, linecount, fill_with=None)": (value, [size = 1, fill = null]) =>
      new PyIterator(batches(value, size, fill), "generator", "do_batch"),
    "slice: sync_do_slice(value, slices, fill_with=None)": (value, [count = 1, fill = null]) =>
      new PyIterator(slices(value, count, fill), "generator", "sync_do_slice"),
    "groupby: sync_do_groupby(environment, value, attribute, default=None, case_sensitive=False)": (
      value,
      [by = null, fallback = null, caseSensitive = false],
    ) => grouped(value, by, fallback, truth(caseSensitive)),
    "dictsort: do_dictsort(value, case_sensitive=False, by='key', reverse=False)": (
      value,
      [caseSensitive = false, by = "key", reverse = false],
    ) => {
      if (by !== "key" && by !== "value") {
        throw argumentError('You can only sort by either "key" or "value"');
      }
      if (!(value instanceof PyDict)) {
        if (value instanceof Undefined) value.fail();
        throw new PyError("AttributeError", `'${typeName(value)}' object has no attribute 'items'`);
      }
      const getter = attributeGetter(by === "key" ? 0 : 1, { ignoreCase: !truth(caseSensitive) });
      const pairs = Array.from(value.entries.values(), (pair) => new PyTuple(pair));
      return new PyList(sorted(pairs, getter, indexNumber(reverse) !== 0));
    },
    "items: do_items(value)": (value) => {
      return new PyIterator(pairs(value), "generator", "do_items");
    },
    "attr: do_attr(environment, obj, name)": (value, [name = ""]) => {
      if (typeof name !== "string" && !(name instanceof Markup)) {
        hashKey(name);
        throw typeError(`attribute name must be string, not '${typeName(name)}'`);
      }
      const text = softText(name);
      checkName(value, text);
      if (value instanceof Undefined) value.fail();
      return attribute(value, text) === undefined
        ? new Undefined({ object: value, name: text })
        : member(value, text);
    },
    "default: do_default(value, default_value='', boolean=False)": (
      value,
      [fallback = "", boolean = false],
    ) => (value instanceof Undefined || (truth(boolean) && !truth(value)) ? fallback : value),
    "d: do_default(value, default_value='', boolean=False)": (
      value,
      [fallback = "", boolean = false],
    ) => (value instanceof Undefined || (truth(boolean) && !truth(value)) ? fallback : value),
    "pprint: do_pprint(value)": (value) => prettyFormat(value),
    "tojson: do_tojson(eval_ctx, value, indent=None)": (value, [indent = null]) =>
      new Markup(
        toJson(value, indent).replace(
          /[<>&']/g,
          (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
        ),
      ),
  }),
];
