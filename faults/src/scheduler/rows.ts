import type { FaultRule } from "../proxy/effect.ts";
import { editJobs } from "./edit-jobs.ts";
import type { Misery, SchedulerRow } from "./scheduler-round.ts";

const faults = (service: string, ...operations: readonly string[]): FaultRule[] =>
  (["fail", "fail_after", "lose_answer", "reset"] as const).flatMap((kind) =>
    operations.map((operation) => ({
      service,
      operation: new RegExp(`^${operation}$`),
      chance: 0.02,
      effect: { kind },
    })),
  );

/** A new one in place of one that has died, so that there are always three. */
async function replace({ schedulers, start, random }: Misery): Promise<void> {
  if (schedulers.filter(({ isRunning }) => isRunning).length < 3) {
    await start(`s-${schedulers.length}-${random.int(0, 999)}`);
  }
}

/** The misfortunes of schedulers. */
export const schedulerRows: readonly SchedulerRow[] = [
  { name: "scheduler: nothing" },
  {
    name: "scheduler: kill -9 of the leader",
    async strike(misery) {
      await (await misery.leader())?.end("SIGKILL");
      await replace(misery);
    },
  },
  {
    name: "scheduler: stopped in order",
    async strike(misery) {
      await (await misery.leader())?.end("SIGTERM");
      await replace(misery);
    },
  },
  {
    name: "scheduler: leader frozen and thawed",
    async strike({ leader, random, sleep }) {
      const frozen = await leader();
      frozen?.signal("SIGSTOP");
      await sleep(random.int(500, 9000));
      frozen?.signal("SIGCONT");
    },
  },
  {
    name: "scheduler: leader cut off",
    async strike({ leader, proxy, random, sleep }) {
      proxy.cutOff((await leader())?.name);
      await sleep(random.int(500, 9000));
      proxy.cutOff(undefined);
    },
  },
  {
    name: "scheduler: clocks jump",
    async strike({ schedulers, random }) {
      const one = random.pick([0, 1, 2]);
      await schedulers[one]?.shiftClock(random.int(-20_000, 20_000));
    },
  },
  {
    name: "scheduler: DynamoDB fails",
    rules: faults("dynamodb", "UpdateItem", "GetItem", "Query"),
  },
  { name: "scheduler: SQS fails", rules: faults("sqs", "SendMessage", "GetQueueUrl") },
  {
    name: "scheduler: endpoint restarts",
    async strike({ endpoint, random }) {
      await endpoint.restart(random.int(100, 1500));
    },
  },
  {
    name: "scheduler: jobs edited, paused, deleted",
    strike: ({ realm, timeline, random }) => editJobs(realm, timeline, random),
  },
  {
    name: "scheduler: the same, leaders killed and frozen meanwhile",
    async strike(misery) {
      const { realm, timeline, random, leader, sleep } = misery;
      const [first] = await Promise.all([leader(), editJobs(realm, timeline, random)]);
      if (random.pick([true, false])) await first?.end("SIGKILL");
      else {
        first?.signal("SIGSTOP");
        await editJobs(realm, timeline, random);
        await sleep(random.int(500, 6000));
        first?.signal("SIGCONT");
      }
      await replace(misery);
    },
  },
];
