import * as z from "zod";
import { always } from "../always.ts";

/** A strict map of fields, of which the named ones are needed unless a secret supplies them (CON-all-07, 08). */
export function fieldsOrSecret<S extends z.ZodRawShape>(shape: S, needed: readonly string[]) {
  return z.strictObject(shape).superRefine(
    (value, context) => {
      if (Object.hasOwn(value, "secret_id") || Object.hasOwn(value, "x-lava-secret-file")) return;
      for (const name of needed.filter((field) => !Object.hasOwn(value, field))) {
        context.addIssue({
          code: "custom",
          path: [name],
          message: "required field is missing: needed unless secret_id supplies it",
        });
      }
    },
    { when: always },
  );
}
