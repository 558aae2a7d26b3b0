import type { ActionType } from "@lava/spec";
import type { ActionHandler } from "../action.ts";
import { dispatch } from "./dispatch.ts";
import { email } from "./email.ts";
import { event } from "./event.ts";
import { log } from "./log.ts";
import { slack } from "./slack.ts";
import { sns } from "./sns.ts";
import { sqs } from "./sqs.ts";
import { state } from "./state.ts";

/** The actions of lava, by name; each file of this folder is one of them. */
export const builtinActions = {
  dispatch,
  email,
  event,
  log,
  slack,
  sns,
  sqs,
  state,
} as const satisfies { readonly [T in ActionType]: ActionHandler<T> };
