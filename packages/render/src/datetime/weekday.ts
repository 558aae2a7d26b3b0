import { valueError } from "../values/error.ts";
import { PyFunction } from "../values/method.ts";
import { type CallArguments, type HashKey, PyObject, type Value } from "../values/value.ts";

/** Names of weekdays, Monday first, as dateutil has them. */
export const WEEKDAY_NAMES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;

/** `MO`, `FR(+2)`: a weekday, and which one. Those of recurrence rules refuse "the zeroth". */
export class PyWeekday extends PyObject {
  readonly typeName = "weekday";
  readonly weekday: number;
  readonly n: number | null;
  readonly #ofRules: boolean;
  constructor(weekday: number, n: number | null, ofRules = false) {
    super();
    if (ofRules && n === 0) throw valueError("Can't create weekday with n==0");
    this.weekday = weekday;
    this.n = n;
    this.#ofRules = ofRules;
  }
  repr(): string {
    const name = WEEKDAY_NAMES[this.weekday] ?? "";
    return this.n === null || this.n === 0 ? name : `${name}(${this.n > 0 ? "+" : ""}${this.n})`;
  }
  override differs(other: Value): boolean {
    return !this.equals(other);
  }
  override equals(other: Value): boolean {
    return other instanceof PyWeekday && other.weekday === this.weekday && other.n === this.n;
  }
  override hashKey(): HashKey {
    return `\0w${this.weekday}.${this.n}`;
  }
  override get callable(): boolean {
    return true;
  }
  override call({ args, kwargs }: CallArguments): Value {
    return new PyWeekday(this.weekday, whichOf(args[0] ?? kwargs.get("n")), this.#ofRules);
  }
  override getAttribute(name: string): Value | undefined {
    return name === "weekday" || name === "n" ? this[name] : undefined;
  }
}

const whichOf = (n: Value | undefined): number | null => (typeof n === "number" ? n : null);

/** `MO` to `SU` and the function that makes others. */
export const weekdayMembers = (ofRules: boolean): Readonly<Record<string, Value>> => ({
  weekday: new PyFunction("weekday", ({ args, kwargs }) => {
    const day = args[0] ?? kwargs.get("wkday");
    return new PyWeekday(
      typeof day === "number" ? day : 0,
      whichOf(args[1] ?? kwargs.get("n")),
      ofRules,
    );
  }),
  ...Object.fromEntries(
    WEEKDAY_NAMES.map((name, index) => [name, new PyWeekday(index, null, ofRules)]),
  ),
});
