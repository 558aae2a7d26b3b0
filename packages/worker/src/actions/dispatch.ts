import { errorText, LavaError } from "@lava/core";
import { defineAction } from "../action.ts";
import { dispatchDelay, renderParameters } from "../children/dispatch-request.ts";

/** `dispatch`: queues a run of another job (ACT-dispatch-01). */
export const dispatch = defineAction({
  type: "dispatch",
  async run(action, context, result) {
    const delay = dispatchDelay(action.delay, context.config.SQS_MAX_DELAY_MINS, "Must");
    const parameters = renderParameters(action.parameters, context, { result }, ["parameters"]);
    let job_id: string;
    try {
      job_id = context.render(action.job_id, { result }, { path: ["job_id"] });
    } catch (error) {
      throw new LavaError("CANNOT_RENDER", `Cannot render target job_id - ${errorText(error)}`, {
        cause: error,
      });
    }
    // Repeatable, so that the action of a run that was taken over is the same run again (design 5).
    const key = context.actionKey;
    const { run_id } = await context.dispatch({ job_id, parameters, delay, key });
    const { job } = context;
    context.logger.debug(
      { event_type: "job", job_id: job.job_id, run_id: job.run_id, target: job_id, sent: run_id },
      "dispatched",
    );
  },
});
