import { attribute, binary, stripTags } from "../values/attributes.ts";
import { compareWith, iterate, length, repr, str, truth } from "../values/basics.ts";
import { PyDecimal } from "../values/decimal.ts";
import { PyDict } from "../values/dict.ts";
import { PyError, typeError, valueError } from "../values/error.ts";
import { unpackValue } from "../values/iterator.ts";
import { checkText } from "../values/limits.ts";
import { escapeMarkup, Markup } from "../values/markup.ts";
import { PyType } from "../values/method.ts";
import { numberOf } from "../values/number-of.ts";
import { percentFormat } from "../values/percent-format.ts";
import { PyList, PyTuple } from "../values/sequence.ts";
import { capitalize } from "../values/text-case.ts";
import { replaced, stripped } from "../values/text-methods.ts";
import { characters, splitLines, textLength } from "../values/text.ts";
import { Undefined } from "../values/undefined.ts";
import { indexNumber, isInt, positional, PyObject, typeName, type Value } from "../values/value.ts";
import { filterTable, like, softText } from "./support.ts";
import { urlize } from "./urlize.ts";
import { wrapText } from "./wrap-text.ts";

const call = (value: Value, name: string, ...args: Value[]): Value => {
  const method = attribute(value, name);
  if (!(method instanceof PyObject)) {
    throw new PyError("AttributeError", `${ownerName(value)} has no attribute '${name}'`);
  }
  return method.call(positional(...args));
};

/** How Python names what lacks an attribute. */
const ownerName = (value: Value): string =>
  value instanceof PyType ? `type object '${value.name}'` : `'${typeName(value)}' object`;

/** The width of a line; textwrap takes any number, but no line may have to be cut at a fraction. */
function wrapWidth(width: Value, text: string): number {
  if (isInt(width) || typeof width === "boolean") return indexNumber(width);
  const number = numberOf(width)?.value ?? (width instanceof PyDecimal ? Number(width.str()) : NaN);
  if (Number.isNaN(number)) {
    if (text === "") return 1;
    throw typeError(`'<=' not supported between instances of '${typeName(width)}' and 'int'`);
  }
  if (number > 0 && text.split(/\s+/).some((word) => textLength(word) > number)) {
    throw typeError("slice indices must be integers or None or have an __index__ method");
  }
  return Number(number);
}

/** Filters of text. */
export const textFilters = filterTable({
  "upper: do_upper(s)": (value) => like(value, softText(value).toUpperCase()),
  "lower: do_lower(s)": (value) => like(value, softText(value).toLowerCase()),
  "capitalize: do_capitalize(s)": (value) => like(value, capitalize(softText(value))),
  "title: do_title(s)": (value) =>
    softText(value)
      .split(/([-\s({[<]+)/)
      .filter((part) => part !== "")
      .map((part) => {
        const [first = "", ...rest] = characters(part);
        return first.toUpperCase() + rest.join("").toLowerCase();
      })
      .join(""),
  "trim: do_trim(value, chars=None)": (value, [set]) =>
    like(value, stripped(softText(value), set, "both")),
  "replace: do_replace(eval_ctx, s, old, new, count=None)": (
    value,
    [old = "", by = "", count],
    state,
  ) => {
    const limit = count === null || count === undefined ? -1 : indexNumber(count);
    if (!state.context.escaping.on) return replaced(str(value), str(old), str(by), limit);
    const safe = old instanceof Markup || (by instanceof Markup && !(value instanceof Markup));
    const subject = safe ? escapeMarkup(value) : value instanceof Markup ? value : str(value);
    return call(subject, "replace", softText(old), softText(by), limit);
  },
  "center: do_center(value, width=80)": (value, [width = 80]) =>
    call(value instanceof Markup ? value : softText(value), "center", width),
  "format: do_format(value, *, **)": (value, args, _state, kwargs) => {
    if (args.length > 0 && kwargs.size > 0) {
      throw new PyError(
        "FilterArgumentError",
        "can't handle positional and keyword arguments at the same time",
      );
    }
    const values =
      kwargs.size > 0 ? new PyDict(kwargs) : new PyTuple(args.map((arg) => arg ?? null));
    if (value instanceof Markup) return binary("%", value, values);
    return percentFormat(softText(value), values);
  },
  "indent: do_indent(s, width=4, first=False, blank=False)": (
    value,
    [width = 4, first = false, blank = false],
  ) => {
    const indent =
      typeof width === "string" || width instanceof Markup
        ? softText(width)
        : str(binary("*", " ", width));
    if (typeof value !== "string") checkAddable(value);
    const joined = binary("+", value, value instanceof Markup ? new Markup("\n") : "\n");
    const lines = splitLines(str(joined), false);
    checkText(str(joined).length + lines.length * indent.length);
    const body = truth(blank)
      ? lines.join(`\n${indent}`)
      : lines.map((line, index) => (index > 0 && line !== "" ? indent + line : line)).join("\n");
    return like(value, truth(first) ? indent + body : body);
  },
  "truncate: do_truncate(env, s, length=255, killwords=False, end='...', leeway=None)": (
    value,
    [size = 255, killWords = false, end = "...", leeway],
  ) => {
    const slack = leeway === null || leeway === undefined ? 5 : leeway;
    const ending = str(end);
    const least = length(end);
    if (!compareWith(">=", size, least)) {
      throw new PyError("AssertionError", `expected length >= ${least}, got ${str(size)}`);
    }
    if (!compareWith(">=", slack, 0)) {
      throw new PyError("AssertionError", `expected leeway >= 0, got ${str(slack)}`);
    }
    if (compareWith("<=", length(value), binary("+", size, slack))) return value;
    const limit = indexNumber(size);
    if (typeof value !== "string" && !(value instanceof Markup)) {
      if (truth(killWords)) return binary("+", value, ending);
      throw new PyError("AttributeError", `'${typeName(value)}' object has no attribute 'rsplit'`);
    }
    const cut = characters(softText(value))
      .slice(0, limit - textLength(ending))
      .join("");
    if (truth(killWords)) return like(value, cut + ending);
    const space = cut.lastIndexOf(" ");
    return like(value, (space < 0 ? cut : cut.slice(0, space)) + ending);
  },
  "wordwrap: do_wordwrap(environment, s, width=79, break_long_words=True, wrapstring=None, break_on_hyphens=True)":
    (value, [width = 79, breakLong = true, wrapString, breakHyphens = true]) => {
      const separator = wrapString === null || wrapString === undefined ? "\n" : str(wrapString);
      if (typeof value !== "string" && !(value instanceof Markup)) {
        if (value instanceof Undefined) value.fail();
        throw new PyError("AttributeError", `${ownerName(value)} has no attribute 'splitlines'`);
      }
      const columns = wrapWidth(width, softText(value));
      return splitLines(softText(value), false)
        .map((line) =>
          wrapText(line, columns, truth(breakLong), truth(breakHyphens)).join(separator),
        )
        .join(separator);
    },
  "wordcount: do_wordcount(s)": (value) => softText(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
  "string: soft_str(s)": (value) => (value instanceof Markup ? value : softText(value)),
  "safe: do_mark_safe(value)": (value) => new Markup(str(value)),
  "escape: escape(s)": (value) => escapeMarkup(value),
  "e: escape(s)": (value) => escapeMarkup(value),
  "forceescape: do_forceescape(value)": (value) => escapeMarkup(str(value)),
  "striptags: do_striptags(value)": (value) => stripTags(str(value)),
  "urlencode: do_urlencode(value)": (value) => urlEncode(value),
  "urlize: do_urlize(eval_ctx, value, trim_url_limit=None, nofollow=False, target=None, rel=None, extra_schemes=None)":
    (value, [limit, nofollow, target, rel, schemes], state) => {
      const text = urlize(value, {
        limit: () => (limit === null || limit === undefined ? undefined : indexNumber(limit)),
        nofollow: truth(nofollow ?? false),
        target: target === null || target === undefined ? undefined : str(target),
        rel: rel === null || rel === undefined ? undefined : str(rel),
        schemes: schemes === null || schemes === undefined ? [] : Array.from(iterate(schemes), str),
      });
      return state.context.escaping.on ? new Markup(text) : text;
    },
  "xmlattr: do_xmlattr(eval_ctx, d, autospace=True)": (value, [space = true], state) => {
    if (value instanceof Undefined) value.fail();
    if (!(value instanceof PyDict)) {
      throw new PyError("AttributeError", `'${typeName(value)}' object has no attribute 'items'`);
    }
    const parts: string[] = [];
    for (const [key, item] of value.entries.values()) {
      if (item === null || item instanceof Undefined) continue;
      if (typeof key !== "string" && !(key instanceof Markup)) {
        throw typeError(`expected string or bytes-like object, got '${typeName(key)}'`);
      }
      if (/[\s/>=]/.test(softText(key))) {
        throw valueError(`Invalid character in attribute name: ${repr(key)}`);
      }
      parts.push(`${escapeMarkup(key).text}="${escapeMarkup(item).text}"`);
    }
    const text = (truth(space) && parts.length > 0 ? " " : "") + parts.join(" ");
    return state.context.escaping.on ? new Markup(text) : text;
  },
});

/** `s += newline` of a value that is no text. */
function checkAddable(value: Value): void {
  if (value instanceof Markup || value instanceof Undefined || value instanceof PyTuple) return;
  if (value instanceof PyList) {
    throw new PyError("AttributeError", "'list' object has no attribute 'splitlines'");
  }
  throw typeError(`unsupported operand type(s) for +=: '${typeName(value)}' and 'str'`);
}

const quote = (value: Value, query: boolean): string => {
  const text = encodeURIComponent(str(value)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return query ? text.replaceAll("%20", "+") : text.replaceAll("%2F", "/");
};

function urlEncode(value: Value): string {
  if (typeof value === "string" || value instanceof Markup) return quote(value, false);
  if (!(value instanceof PyObject) || value.iterate() === undefined) return quote(value, false);
  const pairs =
    value instanceof PyDict
      ? Array.from(value.entries.values())
      : Array.from(iterate(value), (pair) => {
          const [key = null, item = null] = unpackValue(pair, 2);
          return [key, item] as const;
        });
  return pairs.map(([key, item]) => `${quote(key, true)}=${quote(item, true)}`).join("&");
}
