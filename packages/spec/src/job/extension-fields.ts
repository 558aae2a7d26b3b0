import * as z from "zod";
import { inputSchema } from "../input-schema.ts";
import { choice, duration, flag, s3Location, text, topicArn } from "../scalars.ts";
import { timeZone } from "../time-zone.ts";

const exitStatus = z.int().min(1).max(255);

const POOL = "expected the name of a pool, or a map with name and slots";

const poolUse = z.strictObject({
  name: text.describe("Name of the pool."),
  slots: z.int().min(1).default(1).describe("How many of its slots one run takes."),
});

const missedRuns = choice(["none", "last", "all"]);

/**
 * What a job can say beyond the original. Top level and named `x-lava-*`, so that Python workers of the same realm
 * ignore it (design 5).
 */
export const extensionFields = {
  "x-lava-defer": z
    .strictObject({
      exit_status: z
        .union([exitStatus, z.array(exitStatus).min(1)], {
          error: "expected an exit status from 1 to 255, or a list of them",
        })
        .optional()
        .describe(
          "Exit status, or list of them, that means: nothing to do yet. Default: DEFER_EXIT_STATUS (75).",
        ),
      delay: duration.describe(
        "How long to wait before the run goes on. Cap: DEFER_MAX_DELAY (7d).",
      ),
      limit: z
        .int()
        .min(1)
        .default(10)
        .describe("How often the run is put off before it fails. Cap: DEFER_MAX_LIMIT (100)."),
    })
    .optional()
    .describe('Puts the run off when there is "no data yet"; no slot is held meanwhile.'),
  "x-lava-retry": z
    .strictObject({
      limit: z
        .int()
        .min(1)
        .optional()
        .describe("How often the job is tried. Default: iteration_limit."),
      delay: duration.optional().describe("Wait after the first try. Default: iteration_delay."),
      factor: z
        .number()
        .min(1)
        .default(2)
        .describe("The wait grows by this factor after each try."),
      max_delay: duration.optional().describe("The wait does not grow beyond this."),
      jitter: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe("Share of each wait that is random, 0 to 1."),
    })
    .optional()
    .describe(
      "Retries with growing waits that hold no slot. Wins over iteration_limit and iteration_delay.",
    ),
  "x-lava-timeout": duration
    .optional()
    .describe("How long one try of the job may take, for every job type."),
  "x-lava-max-concurrent": z
    .int()
    .min(1)
    .optional()
    .describe("How many runs of this job may run at a time, over all workers of the realm."),
  "x-lava-pool": z
    .union([text, poolUse, z.array(z.union([text, poolUse], { error: POOL })).min(1)], {
      error: `${POOL}, or a list of these`,
    })
    .optional()
    .describe(
      "Pool, or list of pools, of slots shared with other jobs; the run waits until there is room. x-lava-pools of the realm has their sizes.",
    ),
  "x-lava-checkpoint": flag
    .optional()
    .describe(
      "Whether a chain, dag or foreach that goes on elsewhere leaves out the children that were complete, also when its worker was lost or they left files in their folder. Default: false.",
    ),
  "x-lava-clean-dir": z
    .boolean()
    .optional()
    .describe(
      "Whether each try of a run starts in an empty directory. Default: false, as the original.",
    ),
  "x-lava-env-mode": choice(["inherit", "isolated"])
    .optional()
    .describe(
      "Whether the job's processes see the worker's environment. Default: JOB_ENV_MODE (inherit).",
    ),
  "x-lava-graph": s3Location
    .optional()
    .describe("Where the graph of a large dag lies in S3, as JSON; the payload may then be {}."),
  "x-lava-zone": timeZone
    .optional()
    .describe(
      "Time zone of the schedule. Default: that of the dispatcher. lavasched does not know it.",
    ),
  "x-lava-catch-up": z
    .union(
      [
        missedRuns,
        z.strictObject({
          mode: missedRuns.describe(
            "Which of the missed runs are dispatched: none, the last, or all.",
          ),
          window: duration.optional().describe("How far back. Default: SCHED_CATCHUP."),
        }),
      ],
      { error: "expected none, last or all, or a map with mode and window" },
    )
    .optional()
    .describe("What happens to runs that were missed while no scheduler ran."),
  "x-lava-missed-alarm": topicArn
    .optional()
    .describe("ARN of the SNS topic that is told when scheduled runs of this job were missed."),
  "x-lava-overlap": choice(["allow", "skip", "queue"])
    .optional()
    .describe("What a scheduled run does while an earlier one is unfinished. Default: allow."),
  "x-lava-jitter": duration
    .optional()
    .describe("Each scheduled run is put off by up to this, at random."),
  "x-lava-every": duration
    .optional()
    .describe("Dispatches the job at this distance, also below a minute, in place of a schedule."),
  "x-lava-schema": z
    .strictObject({
      parameters: inputSchema.optional().describe("JSON Schema of its parameters."),
      globals: inputSchema.optional().describe("JSON Schema of its globals."),
    })
    .optional()
    .describe(
      "What the job can be sent. Checked by `lava dispatch` and `dispatch()` before anything is sent; workers do not look at it.",
    ),
};
