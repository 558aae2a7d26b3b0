import { LavaError } from "@lava/core";
import { checkNames, defineForeach } from "./generator.ts";

/** `range`: whole numbers, as Python's `range` counts (JOB-foreach-05). */
export const range = defineForeach({
  type: "range",
  async *values({ start, stop, step, name }) {
    if (step === 0) {
      throw new LavaError("BAD_RANGE", "range() arg 3 must not be zero", { retry: "never" });
    }
    if (name) checkNames([name]);
    for (let value = start; step > 0 ? value < stop : value > stop; value += step) {
      yield name ? { [name]: value } : {};
    }
  },
});
