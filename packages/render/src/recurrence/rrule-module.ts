import type { PyDateTime } from "../datetime/datetime.ts";
import { getZone } from "../datetime/tz-module.ts";
import { weekdayMembers } from "../datetime/weekday.ts";
import { PyFunction, pyFunction, PyModule, PyType } from "../values/method.ts";
import { PyTuple } from "../values/sequence.ts";
import { indexNumber } from "../values/value.ts";
import { EASTER_METHODS, easter } from "./easter.ts";
import { parseRules, type RuleReaders } from "./parse-rules.ts";
import { PyRecurrence, PyRule, PyRuleSet, ruleArguments } from "./recurrence.ts";
import { FREQUENCIES, readRule } from "./rule.ts";

/** `dateutil.easter`. */
export const easterModule: PyModule = new PyModule("dateutil.easter", {
  easter: pyFunction("easter(year, method=3)", (_self, [year = 1, method = 3]) =>
    easter(indexNumber(year), indexNumber(method)),
  ),
  ...EASTER_METHODS,
});

/** `dateutil.rrule`: recurrence rules that start now where they do not say when. */
export function rruleModule(
  now: (like: PyDateTime | undefined) => PyDateTime,
  date: RuleReaders["date"],
): PyModule {
  const make = (call: Parameters<PyType["call"]>[0]): PyRule =>
    new PyRule(readRule(call, now), (self, _args, changes) =>
      make({ args: [], kwargs: new Map([...ruleArguments(self.rule), ...changes]) }),
    );
  const readers: RuleReaders = {
    date,
    rule: (keywords) => make({ args: [], kwargs: keywords }),
    zone: getZone,
  };
  return new PyModule("dateutil.rrule", {
    rrule: new PyType("dateutil.rrule.rrule", make, {}, (value) => value instanceof PyRule),
    rruleset: new PyType(
      "dateutil.rrule.rruleset",
      () => new PyRuleSet(),
      {},
      (value) => value instanceof PyRuleSet,
    ),
    rrulebase: new PyType(
      "dateutil.rrule.rrulebase",
      () => new PyRuleSet(),
      {},
      (value) => value instanceof PyRecurrence,
    ),
    rrulestr: new PyFunction("rrulestr", (call) => parseRules(call, readers)),
    ...Object.fromEntries(FREQUENCIES.map((name, index) => [name, index])),
    FREQNAMES: (): PyTuple => new PyTuple(FREQUENCIES),
    ...weekdayMembers(true),
  });
}
