import { LavaError } from "@lava/core";
import { faultText } from "../children/child-job.ts";
import { dispatchDelay, renderParameters } from "../children/dispatch-request.ts";
import { parseJobList } from "../children/job-list.ts";
import { defineHandler } from "../handler.ts";

/** `dispatch`: queues runs of other jobs of the realm and does not wait for them (JOB-dispatch-01..09). */
export const dispatch = defineHandler({
  type: "dispatch",
  async run(job, context) {
    const { parameters, jinja, job_prefix, delay } = job.parameters;
    const sent = jinja
      ? renderParameters(parameters, context, {}, ["parameters", "parameters"])
      : parameters;
    const seconds = dispatchDelay(delay, context.config.SQS_MAX_DELAY_MINS, "must");
    const targets = parseJobList(job.payload, job_prefix);
    if (targets === undefined) {
      throw new LavaError(
        "BAD_PAYLOAD",
        "Payload must be comma separated list or real list of job IDs",
        { retry: "never" },
      );
    }

    const jobs: string[] = [];
    const run_ids: string[] = [];
    for (const [index, target] of targets.entries()) {
      context.signal.throwIfAborted();
      jobs.push(target);
      try {
        if (target === job.job_id) {
          throw new LavaError("CIRCULAR_DISPATCH", "Circular dispatch not permitted", {
            retry: "never",
          });
        }
        // The same attempt of the same run sends the same run ids again after a takeover.
        const key = `dispatch-${context.iteration}-${index}`;
        const request = { job_id: target, parameters: sent, delay: seconds, key };
        run_ids.push((await context.dispatch(request)).run_id);
      } catch (cause) {
        context.signal.throwIfAborted();
        const error = `${target}: ${faultText(cause, target)}`;
        throw new LavaError("DISPATCH_FAILED", error, {
          cause,
          data: { exit_status: 1, jobs, run_ids, error },
        });
      }
    }
    return { exit_status: 0, jobs, run_ids };
  },
});
