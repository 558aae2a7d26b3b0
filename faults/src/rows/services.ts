import type { FaultRule } from "../proxy/effect.ts";
import { roundOutcomes } from "../rig/jobs.ts";
import type { Row } from "../rig/round.ts";

const rule = (
  service: string,
  operation: RegExp | undefined,
  chance: number,
  effect: FaultRule["effect"],
): FaultRule => ({ service, chance, effect, ...(operation === undefined ? {} : { operation }) });

/** Outputs are part of what every job does. */
const anyMayFail = Object.fromEntries(
  Object.keys(roundOutcomes).map((job_id) => [job_id, ["failed"]]),
);
/** These read the specs of their children while they run. */
const parentsMayFail = { chain: ["failed"], dag: ["failed"], each: ["failed"] } as const;

/** Nothing at all, to see that the rig itself breaks nothing. */
export const none: Row = { name: "nothing", about: "no fault: each run executes once" };

/** Duplicates. */
export const messagesTwice: Row = {
  name: "messages twice",
  about: "messages are sent twice, and delivered to two workers at once",
  rules: () => [
    rule("sqs", /^SendMessage$/, 0.3, { kind: "twice" }),
    rule("sqs", /^ReceiveMessage$/, 0.3, { kind: "redeliver", answer: "kept" }),
  ],
};

/** Delays, and with them another order. */
export const messagesDelayed: Row = {
  name: "messages delayed, reordered",
  about: "messages come late and in another order",
  rules: () => [
    rule("sqs", /^ReceiveMessage$/, 0.4, { kind: "redeliver", answer: "lost" }),
    rule("sqs", undefined, 0.3, { kind: "delay", ms: [0, 800] }),
  ],
};

/** Answers to receives that get lost: the message comes again after its visibility. */
export const receivesLost: Row = {
  name: "receives lost",
  about: "a message is taken from the queue and its worker never hears of it",
  rules: () => [rule("sqs", /^ReceiveMessage$/, 0.15, { kind: "lose_answer" })],
};

/** Deletes that are not carried out, or whose answer gets lost. */
export const lostDeletes: Row = {
  name: "deletes lost",
  about: "deletes of messages are said to be done and are not, fail, or do not answer",
  rules: () => [
    rule("sqs", /^DeleteMessage$/, 0.3, { kind: "swallow" }),
    rule("sqs", /^DeleteMessage$/, 0.2, { kind: "fail" }),
    rule("sqs", /^DeleteMessage$/, 0.2, { kind: "lose_answer" }),
  ],
};

/** Throttling. */
export const dynamoDbThrottled: Row = {
  name: "DynamoDB throttled",
  about: "calls to DynamoDB are refused for being too many",
  mayEnd: parentsMayFail,
  rules: () => [rule("dynamodb", undefined, 0.4, { kind: "fail" })],
};

/** Writes that are done and reported as failed. */
export const dynamoDbAfterCommit: Row = {
  name: "DynamoDB fails after commit",
  about: "writes are carried out and then answered with a fault or not at all",
  mayEnd: parentsMayFail,
  rules: () => [
    rule("dynamodb", undefined, 0.15, { kind: "fail_after" }),
    rule("dynamodb", undefined, 0.15, { kind: "lose_answer" }),
    rule("dynamodb", undefined, 0.1, { kind: "reset" }),
  ],
};

/** S3 that is overloaded. */
export const s3Unavailable: Row = {
  name: "S3 503",
  about: "S3 answers 503, or 500 after the write",
  mayEnd: anyMayFail,
  rules: () => [
    rule("s3", undefined, 0.3, { kind: "fail" }),
    rule("s3", undefined, 0.1, { kind: "fail_after" }),
  ],
};

/** CloudWatch that is away. */
export const cloudWatchDown: Row = {
  name: "CloudWatch down",
  about: "every call to CloudWatch is refused, and each job has metrics",
  prepare: () => Promise.resolve({ LAVA_CW_METRICS_JOB: "true", LAVA_CW_METRICS_WORKER: "true" }),
  rules: () => [
    rule("monitoring", undefined, 1, { kind: "fail" }),
    rule("logs", undefined, 1, { kind: "fail" }),
  ],
  // Metrics wait 5 s for company: a fast machine would be done before the first is sent.
  disturb: ({ pause }) => pause(7000, 8000),
};

/** Slow answers and cut connections of all services. */
export const latency: Row = {
  name: "latency, resets",
  about: "all services are slow, and connections are cut",
  mayEnd: parentsMayFail,
  rules: () =>
    ["dynamodb", "sqs", "s3", "sts", "kms"].flatMap((service) => [
      rule(service, undefined, 0.05, { kind: "reset" }),
      rule(service, undefined, 0.3, { kind: "delay", ms: [10, 400] }),
    ]),
};

/** The endpoint is killed and comes back. */
export const endpointRestart: Row = {
  name: "endpoint restarted",
  about: "the endpoint is killed with SIGKILL and started again on its data",
  mayEnd: parentsMayFail,
  async disturb({ endpoint, pause, ended }) {
    await ended(0.2);
    await endpoint.restart(300);
    await pause(500, 2000);
    await endpoint.restart(1500);
  },
};

/** All of it at once, with workers that die. */
export const everything: Row = {
  name: "everything together",
  about: "a little of each fault of the services while workers are killed, frozen and drained",
  rules: () => [
    rule("sqs", /^SendMessage$/, 0.1, { kind: "twice" }),
    rule("sqs", /^ReceiveMessage$/, 0.1, { kind: "redeliver", answer: "kept" }),
    rule("sqs", /^ReceiveMessage$/, 0.05, { kind: "lose_answer" }),
    rule("sqs", /^DeleteMessage$/, 0.1, { kind: "swallow" }),
    rule("dynamodb", undefined, 0.05, { kind: "fail" }),
    rule("dynamodb", undefined, 0.03, { kind: "fail_after" }),
    rule("dynamodb", undefined, 0.03, { kind: "lose_answer" }),
    rule("s3", undefined, 0.05, { kind: "fail" }),
    ...["dynamodb", "sqs", "s3"].map((service) =>
      rule(service, undefined, 0.1, { kind: "delay", ms: [5, 150] }),
    ),
  ],
  workers: 3,
  mayEnd: anyMayFail,
  async disturb({ fleet, pause, random }) {
    for (let time = 0; time < 4; time += 1) {
      await pause(300, 1500);
      const worker = fleet.alive[random.int(0, fleet.alive.length - 1)];
      const how = random.pick<NodeJS.Signals>(["SIGKILL", "SIGSTOP", "SIGTERM", "SIGINT"]);
      worker?.kill(how);
      if (how === "SIGSTOP") {
        await pause(4000, 5500);
        worker?.kill("SIGCONT");
      } else await worker?.ended;
      if (fleet.alive.length < 3) await fleet.add();
    }
  },
};
