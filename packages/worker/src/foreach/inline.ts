import { checkNames, defineForeach } from "./generator.ts";

/** `inline`: values written in the job (JOB-foreach-06). */
export const inline = defineForeach({
  type: "inline",
  async *values({ values }) {
    for (const value of values) {
      checkNames(Object.keys(value));
      yield value;
    }
  },
});
