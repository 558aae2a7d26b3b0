import type { PyDateTime } from "../datetime/datetime.ts";
import { compareWith, equals, sorted, truth } from "../values/basics.ts";
import { valueError } from "../values/error.ts";
import { PyIterator } from "../values/iterator.ts";
import { builtinMethods, type Implementation } from "../values/method.ts";
import { PyList } from "../values/sequence.ts";
import { PySlice, sliceItems } from "../values/slice.ts";
import { indexNumber, PyObject, type Value } from "../values/value.ts";
import { occurrences } from "./occurrences.ts";
import { ruleText } from "./rule-text.ts";
import { FREQUENCIES, type Rule } from "./rule.ts";

/** What gives datetimes in order: a rule or a set of them. */
export abstract class PyRecurrence extends PyObject {
  abstract override iterate(): Iterable<Value>;
  override truth(): boolean {
    return true;
  }
  repr(): string {
    return `<${this.objectName} object at 0x7f0000000000>`;
  }
  override contains(item: Value): boolean {
    for (const value of this.iterate()) {
      if (equals(value, item)) return true;
      if (compareWith(">", value, item)) return false;
    }
    return false;
  }
  override getItem(key: Value): Value | undefined {
    if (key instanceof PySlice) return new PyList(this.#slice(key));
    if (typeof key !== "number" && typeof key !== "boolean") return undefined;
    const index = indexNumber(key);
    if (index < 0) return [...this.iterate()].at(index);
    let left = index;
    for (const value of this.iterate()) if (left-- === 0) return value;
    return undefined;
  }
  #slice(slice: PySlice): Value[] {
    const bound = (value: Value, usual: number, what: string): number => {
      if (value === null) return usual;
      const index = indexNumber(value);
      if (index >= 0) return index === 0 && what === "step" ? 1 : index;
      throw valueError(
        what === "stop"
          ? "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize."
          : "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.",
      );
    };
    if (typeof slice.step === "number" && slice.step < 0) {
      return sliceItems([...this.iterate()], slice);
    }
    // An end of 0 is no end.
    const stop = slice.stop === 0 ? Infinity : bound(slice.stop, Infinity, "stop");
    const start = bound(slice.start, 0, "start");
    const step = bound(slice.step, 1, "step");
    const found: Value[] = [];
    let at = 0;
    if (stop <= start) return found;
    for (const value of this.iterate()) {
      if (at >= start && (at - start) % step === 0) found.push(value);
      at++;
      if (at >= stop) break;
    }
    return found;
  }
  override getAttribute(name: string): Value | undefined {
    return recurrenceMethods(this, name);
  }
}

const isAfter = (value: Value, date: Value, included: boolean): boolean =>
  compareWith(included ? ">=" : ">", value, date);

function* after(
  self: PyRecurrence,
  date: Value,
  most: number,
  included: boolean,
): Generator<Value> {
  let left = most;
  for (const value of self.iterate()) {
    if (!isAfter(value, date, included)) continue;
    if (--left < 0) return;
    yield value;
  }
}

const method =
  (run: (self: PyRecurrence, args: readonly Value[]) => Value): Implementation<PyRecurrence> =>
  (self, args) =>
    run(
      self,
      args.map((value = null) => value),
    );

const recurrenceMethods = builtinMethods<PyRecurrence>("rrulebase", {
  "count()": (self) => {
    let count = 0;
    for (const _value of self.iterate()) count++;
    return count;
  },
  "before(dt, inc=False)": method((self, [date = null, included = false]) => {
    let last: Value = null;
    for (const value of self.iterate()) {
      if (isAfter(value, date, !truth(included))) break;
      last = value;
    }
    return last;
  }),
  "after(dt, inc=False)": method((self, [date = null, included = false]) => {
    for (const value of after(self, date, 1, truth(included))) return value;
    return null;
  }),
  "xafter(dt, count=None, inc=False)": method(
    (self, [date = null, count = null, included = false]) => {
      const most = count === null ? Infinity : indexNumber(count);
      return new PyIterator(after(self, date, most, truth(included)));
    },
  ),
  "between(after, before, inc=False, count=1)": method(
    (self, [from = null, to = null, included = false]) => {
      const found: Value[] = [];
      for (const value of self.iterate()) {
        if (isAfter(value, to, !truth(included))) break;
        if (isAfter(value, from, truth(included))) found.push(value);
      }
      return new PyList(found);
    },
  ),
});

/** `rrule`. */
export class PyRule extends PyRecurrence {
  readonly typeName = "rrule";
  readonly rule: Rule;
  readonly #remake: Implementation<PyRule>;
  constructor(rule: Rule, remake: Implementation<PyRule>) {
    super();
    this.rule = rule;
    this.#remake = remake;
  }
  override get objectName(): string {
    return "dateutil.rrule.rrule";
  }
  override str(): string {
    return ruleText(this.rule);
  }
  override iterate(): Iterable<PyDateTime> {
    return occurrences(this.rule);
  }
  override getAttribute(name: string): Value | undefined {
    if (name === "replace") {
      return builtinMethods<PyRule>("rrule", { "replace(**)": this.#remake })(this, name);
    }
    return super.getAttribute(name);
  }
}

/** The arguments that make a rule again. */
export function ruleArguments(rule: Rule): Map<string, Value> {
  return new Map<string, Value>([
    ["freq", FREQUENCIES.length > rule.frequency ? rule.frequency : 0],
    ["interval", rule.interval],
    ["count", rule.count ?? null],
    ["dtstart", rule.start],
    ["until", rule.until ?? null],
    ["wkst", rule.weekStart],
    ...rule.given,
  ]);
}

/** `rruleset`: rules and dates, without those that are excluded. */
export class PyRuleSet extends PyRecurrence {
  readonly typeName = "rruleset";
  readonly rules: PyRecurrence[] = [];
  readonly excludedRules: PyRecurrence[] = [];
  dates: Value[] = [];
  excludedDates: Value[] = [];
  override get objectName(): string {
    return "dateutil.rrule.rruleset";
  }
  override *iterate(): Iterable<Value> {
    const excluded = merged([...this.excludedRules, sorted(this.excludedDates)]);
    let hole = excluded.next();
    let last: Value | undefined;
    for (const value of merged([...this.rules, sorted(this.dates)])) {
      if (last !== undefined && equals(last, value)) continue;
      last = value;
      while (hole.done !== true && compareWith("<", hole.value, value)) hole = excluded.next();
      if (hole.done !== true && equals(hole.value, value)) continue;
      yield value;
    }
  }
  override getAttribute(name: string): Value | undefined {
    return setMethods(this, name) ?? super.getAttribute(name);
  }
}

/** The values of many sources, each in order, in one order. */
function* merged(sources: readonly (PyRecurrence | readonly Value[])[]): Generator<Value, void> {
  const heads: { value: Value; rest: Iterator<Value> }[] = [];
  for (const source of sources) {
    const rest = (source instanceof PyRecurrence ? source.iterate() : source)[Symbol.iterator]();
    const first = rest.next();
    if (first.done !== true) heads.push({ value: first.value, rest });
  }
  while (heads.length > 0) {
    let least = 0;
    for (let index = 1; index < heads.length; index++) {
      if (compareWith("<", heads[index]?.value ?? null, heads[least]?.value ?? null)) least = index;
    }
    const head = heads[least];
    if (head === undefined) return;
    yield head.value;
    const next = head.rest.next();
    if (next.done === true) heads.splice(least, 1);
    else head.value = next.value;
  }
}

const recurrenceOf = (value: Value | undefined): PyRecurrence[] =>
  value instanceof PyRecurrence ? [value] : [];

const setMethods = builtinMethods<PyRuleSet>("rruleset", {
  "rrule(rrule)": (self, [rule]) => {
    self.rules.push(...recurrenceOf(rule));
    return null;
  },
  "rdate(rdate)": (self, [date = null]) => {
    self.dates.push(date);
    return null;
  },
  "exrule(exrule)": (self, [rule]) => {
    self.excludedRules.push(...recurrenceOf(rule));
    return null;
  },
  "exdate(exdate)": (self, [date = null]) => {
    self.excludedDates.push(date);
    return null;
  },
});
