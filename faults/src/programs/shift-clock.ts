// A preload (`node --import`): the wall clock of the process is off by the milliseconds that the file
// FAULTS_CLOCK says, and may be told another number at any time. Threads of the process follow.
import { readFileSync } from "node:fs";

const file = process.env["FAULTS_CLOCK"];
if (file !== undefined) {
  const RealDate = Date;
  let offset = 0;
  let looked = -1000;
  const shifted = (): number => {
    const at = performance.now();
    if (at - looked > 20) {
      looked = at;
      try {
        offset = Number(readFileSync(file, "utf8"));
      } catch {
        // not told yet
      }
    }
    return RealDate.now() + offset;
  };
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [shifted()] : args, newTarget),
    apply: () => new RealDate(shifted()).toString(),
    get: (target, name) => (name === "now" ? shifted : Reflect.get(target, name)),
  });
}
