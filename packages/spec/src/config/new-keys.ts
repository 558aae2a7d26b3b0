import type { ConfigKey } from "./config-key.ts";

/** Keys that the original does not have; it ignores them. */
export const newKeys = {
  LEASE_EXTEND: {
    id: "CFG-150",
    type: "duration",
    default: null,
    emptyIsNone: true,
    defaultText: "a third of the queue's visibility timeout",
    description: "How often the messages of running jobs are extended. 0: never.",
  },
  STOP_WAIT: {
    id: "CFG-151",
    type: "duration",
    default: "2m",
    description:
      "How long running jobs have to end after a stop signal, before they are stopped and given back.",
  },
  ACTION_TIMEOUT: {
    id: "ACT-all-04",
    type: "duration",
    default: "2m",
    description: "How long one action may take before it counts as failed. 0: as long as it likes.",
  },
  ACTIONS_CONTINUE: {
    id: "ACT-all-04",
    type: "boolean",
    default: false,
    description: "Whether the actions after one that failed are done all the same.",
  },
  METRICS_PORT: {
    id: "OPS-223",
    type: "integer",
    default: 0,
    min: 0,
    description:
      "Port at which a worker answers /metrics (Prometheus), /healthz and /state. 0: none; the socket in its directory always does.",
  },
  METRICS_BIND: {
    id: "OPS-223",
    type: "text",
    default: "127.0.0.1",
    description: "Address that METRICS_PORT is of.",
  },
  TRACES: {
    id: "OPS-223",
    type: "boolean",
    default: false,
    description:
      "Whether a worker makes OpenTelemetry traces; needs @opentelemetry/api and an SDK.",
  },
  TRACES_SETUP: {
    id: "OPS-223",
    type: "text",
    default: null,
    emptyIsNone: true,
    description:
      "Module that starts the SDK for TRACES, looked up from the directory that the worker is started in; its export `shutdown`, if it has one, is called at the end.",
  },
  LEADER_TTL: {
    id: "CFG-152",
    type: "duration",
    default: "4s",
    description: "Lease of the elected scheduler; a failover takes no longer.",
  },
  SCHED_CATCHUP: {
    id: "CFG-153",
    type: "duration",
    default: "0s",
    description: "How far back missed dispatches are made up for after an outage. 0: not at all.",
  },
  PLUGIN_PATH: {
    id: "CFG-154",
    type: "text",
    default: null,
    emptyIsNone: true,
    description:
      "Packages, files or directories, with colons between, that supply more job types, actions, foreach sources and connections to workers.",
  },
  QUEUE_BACKEND: {
    id: "CFG-155",
    type: "text",
    default: "sqs",
    choices: ["sqs", "zookeeper"],
    description: "What carries the worker queues.",
  },
  ZK_HOSTS: {
    id: "CFG-156",
    type: "text",
    default: "127.0.0.1:2181",
    description: "ZooKeeper servers, with commas between.",
  },
  ZK_ROOT: {
    id: "CFG-156",
    type: "text",
    default: "/job",
    description: "Root node in ZooKeeper.",
  },
  ZK_SESSION_TIMEOUT: {
    id: "CFG-156",
    type: "duration",
    default: "30s",
    description: "Session timeout of ZooKeeper.",
  },
  DEFER_EXIT_STATUS: {
    id: "CFG-157",
    type: "integer",
    default: 75,
    min: 1,
    description: 'Exit status that means "nothing to do yet".',
  },
  DEFER_MAX_DELAY: {
    id: "CFG-158",
    type: "duration",
    default: "7d",
    description: "Cap of the delay of a deferred run.",
  },
  DEFER_MAX_LIMIT: {
    id: "CFG-158",
    type: "integer",
    default: 100,
    min: 1,
    description: "Cap of how often a run is deferred.",
  },
  DLQ: {
    id: "CFG-159",
    type: "boolean",
    default: true,
    description:
      "Whether messages that cannot be delivered go to the dead letter queue; otherwise they are deleted.",
  },
  CONSOLE_PORT: {
    id: "CFG-160",
    type: "integer",
    default: 8090,
    min: 0,
    description: "Port of the console.",
  },
  CONSOLE_BIND: {
    id: "CFG-160",
    type: "text",
    default: "127.0.0.1",
    description: "Address that the console listens on.",
  },
  JOB_ENV_MODE: {
    id: "CFG-161",
    type: "text",
    default: "inherit",
    choices: ["inherit", "isolated"],
    description: "Whether the processes of jobs see the worker's environment.",
  },
  JOB_ENV_BLOCK: {
    id: "WK-121",
    type: "text",
    default: null,
    emptyIsNone: true,
    description:
      "Globs, with commas between, of variables of the worker that no job gets: *_TOKEN,DB_*.",
  },
  PAYLOAD_EXACT: {
    id: "WK-097",
    type: "boolean",
    default: false,
    description:
      "Whether a payload is the very object of its name where there is one, and not all that begin with it.",
  },
  OUTPUT_MAX_SIZE: {
    id: "issue 4",
    type: "size",
    default: "5G",
    description:
      "How much of one output of a process is kept; of a longer one its beginning and its end. 0: all of it.",
  },
  LIVE_OUTPUT_INTERVAL: {
    id: "issue 4",
    type: "duration",
    default: "30s",
    description:
      "Longest time between two uploads of what a running job has printed, for `lava logs -f`; the first ones follow faster. 0: none.",
  },
  PKG_MAX_UNPACKED_SIZE: {
    id: "issue 4",
    type: "size",
    default: "2G",
    description: "Greatest size of all files of a package together, unpacked.",
  },
  PKG_MAX_FILES: {
    id: "issue 4",
    type: "integer",
    default: 100_000,
    min: 1,
    description: "Greatest number of files of a package.",
  },
  FLEET: {
    id: "design 5",
    type: "text",
    default: "mixed",
    choices: ["mixed", "typescript"],
    description:
      "Whether Python workers may serve the realm too. mixed: nothing is done that they would drop or double.",
  },
  ON_FAIL_DISCARDED: {
    id: "design 5",
    type: "boolean",
    default: false,
    description:
      "Whether on_fail follows runs that were rejected, too late, tried too often or cancelled. Only where FLEET is typescript.",
  },
  LAMBDA_DLQ: {
    id: "LAM-113",
    type: "text",
    default: null,
    emptyIsNone: true,
    environmentOnly: true,
    description:
      "Name of the queue that takes what the functions dispatch and s3trigger can never carry out, with the reason.",
  },
  S3TRIGGER_LOOP_LIMIT: {
    id: "issue 7",
    type: "integer",
    default: 5,
    environmentOnly: true,
    min: 0,
    description:
      "How often an object, or what is derived from it, may fire the same job within 10 minutes before the s3trigger function reports a loop. 0: any number.",
  },
  S3TRIGGER_LOOP_STOP: {
    id: "issue 7",
    type: "boolean",
    default: false,
    environmentOnly: true,
    description: "Whether what the s3trigger function reports as a loop is not dispatched.",
  },
  PYTHON_PATH: {
    id: "WK-124",
    type: "text",
    default: null,
    emptyIsNone: true,
    description:
      "Added to PYTHONPATH of exe and pkg jobs: where payloads find the Python lava package.",
  },
} as const satisfies Readonly<Record<string, ConfigKey>>;
