import * as z from "zod";
import type { ActionTypeDefinition } from "./action-type.ts";
import { dispatch } from "./dispatch.ts";
import { email } from "./email.ts";
import { event } from "./event.ts";
import { log } from "./log.ts";
import { slack } from "./slack.ts";
import { sns } from "./sns.ts";
import { sqs } from "./sqs.ts";
import { state } from "./state.ts";

/** Every action, one file each. */
export const actionTypes = { dispatch, email, event, log, slack, sns, sqs, state };

/** Name of an action. */
export type ActionType = keyof typeof actionTypes;

/** Schemas of the fields of each action, beside `action`. */
export const actionParameters: {
  readonly [T in ActionType]: (typeof actionTypes)[T]["parameters"];
} = {
  dispatch: dispatch.parameters,
  email: email.parameters,
  event: event.parameters,
  log: log.parameters,
  slack: slack.parameters,
  sns: sns.parameters,
  sqs: sqs.parameters,
  state: state.parameters,
};

/** Fields of an action as its handler gets them. */
export type ActionParameters<T extends ActionType = ActionType> = z.output<
  (typeof actionTypes)[T]["parameters"]
>;

/** Whether lava has an action of this name. */
export function isActionType(name: string): name is ActionType {
  return Object.hasOwn(actionTypes, name);
}

/** An action of `on_success`, `on_retry` or `on_fail`. */
export const actionSpec = z
  .discriminatedUnion("action", [
    specOf(dispatch),
    specOf(email),
    specOf(event),
    specOf(log),
    specOf(slack),
    specOf(sns),
    specOf(sqs),
    specOf(state),
  ])
  .describe("Something to do when a run ends.")
  .meta({ id: "action" });

/** An action as people write it. */
export type ActionSpec = z.input<typeof actionSpec>;

function specOf<T extends string, P extends z.ZodObject>(type: ActionTypeDefinition<T, P>) {
  return z
    .strictObject({ action: z.literal(type.type).describe(type.summary), ...type.parameters.shape })
    .describe(type.summary);
}
