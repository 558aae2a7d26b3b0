import { type Data, errorText, LavaError } from "@lava/core";
import { defineAction } from "../action.ts";

/** `state`: stores a state item (ACT-state-01, STATE-01..10). */
export const state = defineAction({
  type: "state",
  async run(action, context, result) {
    const extra = { result };
    const state_id = attempt("state_id", () =>
      context.render(action.state_id, extra, { path: ["state_id"] }),
    );
    if (state_id.toLowerCase().startsWith("lava")) {
      throw new LavaError(
        "STATE_ID_RESERVED",
        'Bad state_id: Values beginning with "lava" are reserved',
        { retry: "never" },
      );
    }
    const publisher = attempt("publisher", () =>
      context.render(action.publisher ?? "{{ job.job_id }}", extra, { path: ["publisher"] }),
    );
    const value: Data = attempt("value", () =>
      context.renderJson(action.value, extra, { path: ["value"] }),
    );
    await context.realm.state.put(state_id, value, {
      publisher,
      ...(action.type === undefined ? {} : { type: action.type }),
      ...(action.ttl === undefined ? {} : { ttl: action.ttl }),
      ...(action.kms_key === undefined ? {} : { kms_key: action.kms_key }),
    });
  },
});

function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new LavaError("CANNOT_RENDER", `Bad ${what}: ${errorText(error)}`, { cause: error });
  }
}
