import { defineAction } from "../action.ts";

/** `log`: writes a line to the worker's log (ACT-log-01). */
export const log = defineAction({
  type: "log",
  async run({ message }, context, result) {
    const { job_id, run_id } = context.job;
    const fields = { event_type: "job", job_id, run_id };
    context.logger.info(fields, context.render(message, { result }, { path: ["message"] }));
  },
});
