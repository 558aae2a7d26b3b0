import type { StoredS3Trigger } from "../stored/stored-s3trigger.ts";
import type { TemplateField } from "./template-field.ts";

/** The fields of an s3 trigger that hold templates, in the order in which they are rendered (TRIG-07, LAM-211). */
export const triggerTemplates: readonly TemplateField<keyof StoredS3Trigger>[] = [
  { field: "globals", method: "json" },
  { field: "parameters", method: "json" },
  {
    field: "job_id",
    method: "values",
    note: "a text, or each of a list; what it renders to is not split",
  },
];
