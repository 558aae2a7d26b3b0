import { PyDateTime } from "../datetime/datetime.ts";
import type { Now } from "../datetime/instance-members.ts";
import { ruleDate } from "../datetime/parser-module.ts";
import { relativedeltaModule } from "../datetime/relativedelta.ts";
import { PyTime } from "../datetime/time.ts";
import { tzModule } from "../datetime/tz-module.ts";
import { zoneArgument } from "../datetime/zone-argument.ts";
import { localZone } from "../datetime/zone.ts";
import { easterModule, rruleModule } from "../recurrence/rrule-module.ts";
import { binary } from "../values/attributes.ts";
import { compareWith } from "../values/basics.ts";
import { pyFunction, PyModule } from "../values/method.ts";
import { PyObject } from "../values/value.ts";

/** `dateutil.utils` on a clock. */
const utilsModule = (now: Now): PyModule =>
  new PyModule("dateutil.utils", {
    today: pyFunction("today(tzinfo=None)", (_self, [tz]) => {
      const zone = zoneArgument(tz, null);
      const at = PyDateTime.fromUtc(Math.floor(now() / 1000), 0, zone ?? localZone);
      return new PyDateTime(at.date, new PyTime(0, 0, 0, 0), zone);
    }),
    default_tzinfo: pyFunction("default_tzinfo(dt, tzinfo)", (_self, [at = null, tz]) => {
      if (!(at instanceof PyDateTime) || at.zone !== null) return at;
      return new PyDateTime(at.date, at.time, zoneArgument(tz, null), at.fold);
    }),
    within_delta: pyFunction(
      "within_delta(dt1, dt2, delta)",
      (_self, [a = null, b = null, delta = null]) => {
        const size = delta instanceof PyObject ? delta.absolute() : delta;
        const difference = binary("-", a, b);
        const negated = size instanceof PyObject ? size.negate("-") : size;
        return compareWith("<=", negated, difference) && compareWith("<=", difference, size);
      },
    ),
  });

/** The `dateutil` package on a clock. */
export function dateutilModule(now: Now, parser: PyModule): PyModule {
  const startNow = (like: PyDateTime | undefined): PyDateTime => {
    const at = PyDateTime.fromUtc(Math.floor(now() / 1000), 0, like?.zone ?? localZone);
    return new PyDateTime(at.date, at.time, like?.zone ?? null, at.fold);
  };
  return new PyModule("dateutil", {
    parser,
    tz: tzModule,
    relativedelta: relativedeltaModule,
    rrule: rruleModule(startNow, ruleDate(now)),
    easter: easterModule,
    utils: utilsModule(now),
  });
}
