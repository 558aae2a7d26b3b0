import { repr } from "../values/basics.ts";
import { PyDict } from "../values/dict.ts";
import { PyError } from "../values/error.ts";
import { builtinMethods } from "../values/method.ts";
import { PyTuple } from "../values/sequence.ts";
import { indexNumber, PyObject, type Value } from "../values/value.ts";
import type { Marks } from "./machine.ts";
import type { PyPattern } from "./regex-pattern.ts";
import { readReplacement } from "./replacement.ts";
import type { Subject } from "./subject.ts";

/** What a search found. */
export class PyMatch extends PyObject {
  readonly typeName = "re.Match";
  readonly pattern: PyPattern;
  readonly subject: Subject;
  readonly from: number;
  readonly to: number;
  readonly #marks: Marks;
  constructor(pattern: PyPattern, subject: Subject, marks: Marks, from: number, to: number) {
    super();
    this.pattern = pattern;
    this.subject = subject;
    this.#marks = marks;
    this.from = from;
    this.to = to;
  }
  get start(): number {
    return this.#marks[0] ?? 0;
  }
  get end(): number {
    return this.#marks[1] ?? 0;
  }
  repr(): string {
    return `<re.Match object; span=(${this.start}, ${this.end}), match=${repr(this.part(0))}>`;
  }
  /** What a group took; None where it took no part. */
  part(group: number): Value {
    const [from, to] = this.span(group);
    return from < 0 ? null : this.subject.slice(from, to);
  }
  span(group: number): [from: number, to: number] {
    const from = this.#marks[group * 2] ?? -1;
    const to = this.#marks[group * 2 + 1] ?? -1;
    return from < 0 || to < 0 ? [-1, -1] : [from, to];
  }
  /** The number of a group by number or name; an IndexError where there is none. */
  index(key: Value): number {
    const index = this.#indexOf(key);
    if (index === undefined) throw new PyError("IndexError", "no such group");
    return index;
  }
  #indexOf(key: Value): number | undefined {
    const { names, groups } = this.pattern.program;
    if (typeof key === "string") return names.get(key);
    const isIndex = typeof key === "boolean" || (typeof key === "number" && Number.isInteger(key));
    const index = isIndex ? indexNumber(key) : -1;
    return index < 0 || index > groups ? undefined : index;
  }
  /** All groups in order. */
  groups(usual: Value): Value[] {
    return Array.from({ length: this.pattern.program.groups }, (_, index) => {
      const value = this.part(index + 1);
      return value === null ? usual : value;
    });
  }
  override truth(): boolean {
    return true;
  }
  override getItem(key: Value): Value | undefined {
    const index = this.#indexOf(key);
    return index === undefined ? undefined : this.part(index);
  }
  get #last(): number | null {
    const last = this.#marks[(this.pattern.program.groups + 1) * 2] ?? -1;
    return last < 1 ? null : last;
  }
  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "string":
        return this.subject.value;
      case "re":
        return this.pattern;
      case "pos":
        return this.from;
      case "endpos":
        return this.to;
      case "lastindex":
        return this.#last;
      case "lastgroup": {
        const last = this.#last;
        return [...this.pattern.program.names].find(([, index]) => index === last)?.[0] ?? null;
      }
      case "regs":
        return new PyTuple(
          Array.from(
            { length: this.pattern.program.groups + 1 },
            (_, index) => new PyTuple(this.span(index)),
          ),
        );
      default:
        return methods(this, name);
    }
  }
}

const methods = builtinMethods<PyMatch>("re.Match", {
  "group(*)": (self, keys) => {
    const [only = 0] = keys;
    if (keys.length < 2) return self.part(self.index(only));
    return new PyTuple(keys.map((key = null) => self.part(self.index(key))));
  },
  "groups(default=None)": (self, [usual = null]) => new PyTuple(self.groups(usual)),
  "groupdict(default=None)": (self, [usual = null]) =>
    new PyDict(
      Array.from(self.pattern.program.names, ([name, index]) => {
        const value = self.part(index);
        return [name, value === null ? usual : value] as const;
      }),
    ),
  "start(group=0, /)": (self, [key = 0]) => self.span(self.index(key))[0],
  "end(group=0, /)": (self, [key = 0]) => self.span(self.index(key))[1],
  "span(group=0, /)": (self, [key = 0]) => new PyTuple(self.span(self.index(key))),
  "expand(template)": (self, [template = null]) =>
    self.subject.valueOf(readReplacement(template, self.pattern.program)(self)),
});
