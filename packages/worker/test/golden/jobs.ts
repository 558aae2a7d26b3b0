import type { DataMap } from "@lava/core";

/** The realm of the golden set: its name is in the recorded messages. */
export const GOLDEN_REALM = "golden";

/** A payload object of the golden set. */
export const goldenPayloads: Readonly<Record<string, string>> = {
  "g/hello.sh": '#!/bin/sh\necho "hello $1 from $LAVA_JOB_ID"\necho warn >&2\n',
  "g/fails.sh": "#!/bin/sh\necho tried\nexit 4\n",
};

const job = (job_id: string, payload: unknown, more: DataMap = {}): DataMap =>
  ({
    ...{ job_id, payload, type: "cmd", worker: "core", enabled: true },
    ...{ owner: "golden", description: job_id },
    ...more,
  }) as DataMap;

const logged = {
  action: "log",
  level: "info",
  message: "{{ job.job_id }} {{ result.exit_status }}",
};

/** Jobs of the golden set, and those that they call. */
export const goldenJobs: readonly DataMap[] = [
  job("g/ok", "echo hello"),
  job("g/quiet", "true"),
  job("g/err", "sh -c 'echo out; echo bad >&2; exit 3'"),
  job("g/retry", "sh -c 'echo {{globals.lava.iteration}}; test {{globals.lava.iteration}} -gt 1'", {
    ...{ iteration_limit: 3, iteration_delay: 0, on_retry: [logged], on_success: [logged] },
  }),
  job("g/again", "sh -c 'exit 7'", { iteration_limit: 2, iteration_delay: 0 }),
  job("g/timeout", "sleep 20", { parameters: { timeout: 1 } }),
  job("g/missing", "/no/such/program"),
  job("g/off", "true", { enabled: false }),
  job("g/dynamic", "true", { enabled: "{{ 1 > 2 }}" }),
  job("g/late", "true", { max_run_delay: "1 minute" }),
  job("g/limit", "true", { iteration_limit: 5000 }),
  job("g/logged", "true", { event_log: { who: "{{ job.owner }}", list: ["a", "{{ 1 + 1 }}"] } }),
  job("g/action", "true", { on_success: [{ action: "nosuch" }] }),
  job("g/acts", "sh -c 'exit 2'", {
    on_fail: [
      { action: "state", state_id: "g/last", value: { of: "{{ job.job_id }}", list: ["a", null] } },
      { action: "state", state_id: "g/raw", value: "{{ result.error }}", type: "raw" },
    ],
  }),
  job("g/reads", "echo {{state.number}} {{state.text}}", { state: { number: 1, text: "none" } }),
  job("g/args", "echo {{globals.who}} {{globals.a.b}}", {
    globals: { who: "record", kept: true },
    parameters: {
      ...{ args: ["{{ vars.one }}", "two words"], vars: { one: 1 } },
      env: { GREETING: "{{ globals.who }}" },
    },
  }),
  job("g/env", "sh -c 'echo $LAVA_REALM $LAVA_WORKER $LAVA_OWNER $LAVA_JOB_ID $LAVA_S3_TMP $X'", {
    parameters: { env: { X: "y" } },
  }),
  job("g/exe", "g/hello.sh world", { type: "exe" }),
  job("g/exes", ["g/hello.sh", "g/fails.sh", "g/hello.sh"], { type: "exe" }),
  job("g/gone", "g/gone.sh", { type: "exe" }),
  job("g/log", "some text", { type: "log" }),
  job("g/type", "true", { type: "nosuch" }),
  job("g/chain", "g/quiet,g/ok", { type: "chain" }),
  job("g/broken", ["g/ok", "g/err", "g/quiet"], { type: "chain" }),
  job("g/lenient", "g/err,g/quiet", { type: "chain", parameters: { can_fail: "g/err" } }),
  job("g/dag", { "g/ok": "g/quiet" }, { type: "dag" }),
  job("g/each", "g/index", {
    ...{ type: "foreach" },
    parameters: { foreach: { type: "range", start: 0, stop: 3, name: "n" } },
  }),
  job("g/index", "echo {{globals.n}} {{globals.lava.foreach_index}}"),
  job("g/sends", "g/target", {
    ...{ type: "dispatch", globals: { kept: true } },
    parameters: { parameters: { at: "{{ 1 + 1 }}" } },
  }),
  job("g/acting", "true", {
    on_success: [
      { action: "dispatch", job_id: "g/target", parameters: { from: "{{ job.job_id }}" } },
    ],
  }),
  job("g/target", "true", { worker: "other" }),
];

/** Jobs that are dispatched, with options of the original's dispatcher. */
export const goldenCases: readonly {
  readonly job_id: string;
  readonly options?: readonly string[];
}[] = [
  ...["g/ok", "g/quiet", "g/err", "g/retry", "g/again", "g/timeout", "g/missing", "g/off"],
  ...["g/dynamic", "g/late", "g/limit", "g/logged", "g/action", "g/acts", "g/reads", "g/env"],
  ...["g/exe", "g/exes", "g/gone", "g/type", "g/chain", "g/broken", "g/lenient", "g/dag"],
  ...["g/each", "g/sends", "g/acting"],
]
  .map((job_id): { job_id: string; options?: readonly string[] } => ({ job_id }))
  .concat([{ job_id: "g/args", options: ["-g", "who=message", "-g", "a.b=c", "-p", "x=1"] }]);

/** State items that jobs of the set read. */
export const goldenState = { number: 42, text: "stored" } as const;
