import type { ActionParameters, ActionType } from "../action/index.ts";
import type { PathOf, TemplateField } from "./template-field.ts";

/** A field of an action of this type that may hold templates. */
export type ActionTemplateField<T extends ActionType> = TemplateField<PathOf<ActionParameters<T>>>;

const result = ["result"] as const;
const text = <const F extends string>(field: F) =>
  ({ field, method: "text", names: result }) as const;

/** The fields of each action that hold templates, in the order in which they are rendered (ACT rows). */
export const actionTemplates: {
  readonly [T in ActionType]: readonly ActionTemplateField<T>[];
} = {
  dispatch: [{ field: "parameters", method: "json", names: result }, text("job_id")],
  email: [
    text("subject"),
    text("message"),
    { field: "attachments", method: "values", names: result },
  ],
  event: [
    {
      field: "detail",
      method: "values",
      names: result,
      note: "a text, or each value of a map",
    },
    text("source"),
    text("detail_type"),
    text("event_bus"),
    { field: "resources", method: "values", names: result },
  ],
  log: [text("message")],
  slack: [text("from"), text("subject"), text("message")],
  sns: [{ field: "message", method: "text-or-json", names: result }, text("subject")],
  sqs: [
    text("dedup_id"),
    text("group_id"),
    { field: "message", method: "text-or-json", names: result },
  ],
  state: [
    text("state_id"),
    { ...text("publisher"), otherwise: "{{ job.job_id }}" },
    { field: "value", method: "json", names: result },
  ],
};
