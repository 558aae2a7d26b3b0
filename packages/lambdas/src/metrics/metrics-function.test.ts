import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  ListMetricsCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  TagQueueCommand,
} from "@aws-sdk/client-sqs";
import type { DataMap } from "@lava/core";
import { isMap, parseJson } from "@lava/core";
import { awsSettingsFromEnv, createAwsClients } from "@lava/realm";
import { emulatedAws, type EmulatedAwsOptions, emulatedRealm, fakeClock } from "@lava/testing";
import { describe, expect, test } from "vitest";
import { type Answers, serviceDouble } from "../../test/service-double.ts";
import { createMetricsFunction } from "./metrics-function.ts";

interface Setup extends EmulatedAwsOptions {
  readonly workers: readonly string[];
  /** Instances of each group, by their state. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly answers?: Answers;
  readonly env?: Readonly<Record<string, string>>;
}

function groupXml(name: string, states: readonly string[]): string {
  const instances = states.map(
    (state, index) =>
      `<member><InstanceId>i-${index}</InstanceId><LifecycleState>${state}</LifecycleState></member>`,
  );
  return `<member><AutoScalingGroupName>${name}</AutoScalingGroupName><Instances>${instances.join("")}</Instances></member>`;
}

async function open({ workers, groups = {}, answers = {}, env = {}, ...rest }: Setup) {
  await using stack = new AsyncDisposableStack();
  const aws = stack.use(await emulatedAws(rest));
  const { realm } = stack.use(await emulatedRealm({ aws, workers }));
  const double = stack.use(
    await serviceDouble({
      DescribeAutoScalingGroups: (input) => {
        const asked = new Set(Object.values(input));
        const known = Object.entries(groups).map(([worker, states]) => ({
          name: `lava-${realm.name}-${worker}`,
          states,
        }));
        const found = known.filter(({ name }) => asked.has(name));
        return `<AutoScalingGroups>${found.map(({ name, states }) => groupXml(name, states)).join("")}</AutoScalingGroups>`;
      },
      ...answers,
    }),
  );
  const log: DataMap[] = [];
  const clock = fakeClock(Date.now());
  const environment = { ...double.environment, ...aws.environment, LAVA_REALM: realm.name, ...env };
  const clients = stack.use(createAwsClients(awsSettingsFromEnv(environment)));
  const handler = createMetricsFunction({
    env: environment,
    clients,
    clock,
    write: (line) => {
      const entry = parseJson(line);
      if (isMap(entry)) log.push(entry);
    },
  });
  const sqs = await clients.sqs();
  const cloudWatch = await clients.cloudWatch();
  const owned = stack.move();
  return {
    ...{ log, clock, clients, cloudWatch, sqs, asked: double.asked, realm: realm.name },
    async urlOf(worker: string) {
      const found = await sqs.send(
        new GetQueueUrlCommand({ QueueName: `lava-${realm.name}-${worker}` }),
      );
      return found.QueueUrl ?? "";
    },
    async send(worker: string, count: number) {
      const QueueUrl = await this.urlOf(worker);
      for (let n = 0; n < count; n += 1) {
        // oxlint-disable-next-line no-await-in-loop -- a few
        await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "{}" }));
      }
    },
    call: (functionName = `lava-${realm.name}-metrics`) =>
      handler({}, { awsRequestId: "r-1", functionName }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function published(client: CloudWatchClient, Namespace: string): Promise<string[]> {
  const { Metrics = [] } = await client.send(new ListMetricsCommand({ Namespace }));
  return Metrics.map(
    ({ MetricName, Dimensions = [] }) =>
      `${MetricName ?? ""} ${Dimensions.map(({ Name, Value }) => `${Name ?? ""}=${Value ?? ""}`).join(",")}`,
  ).sort();
}

describe("the function metrics", () => {
  test("publishes the messages for each instance in service, and what is in flight (LAM-301..305)", async () => {
    await using lambda = await open({
      workers: ["core", "big", "none"],
      groups: { core: ["InService", "InService", "Terminating", "InService"], big: [] },
    });
    await lambda.send("core", 10);
    await lambda.send("big", 1);
    await lambda.sqs.send(new ReceiveMessageCommand({ QueueUrl: await lambda.urlOf("big") }));

    expect(await lambda.call()).toEqual({
      workers: [
        { worker: "big", backlog: null, in_flight: 1, age: null },
        { worker: "core", backlog: 3.3, in_flight: 0, age: null },
        { worker: "none", backlog: null, in_flight: 0, age: null },
      ],
    });

    const at = (worker: string) => `Realm=${lambda.realm},Worker=${worker}`;
    expect(await published(lambda.cloudWatch, "Lava")).toEqual([
      `WorkerBacklog ${at("core")}`,
      `WorkerInFlight ${at("big")}`,
      `WorkerInFlight ${at("core")}`,
      `WorkerInFlight ${at("none")}`,
    ]);
    const now = lambda.clock.now();
    const { MetricDataResults } = await lambda.cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(now - 600_000),
        EndTime: new Date(now + 600_000),
        MetricDataQueries: [
          {
            Id: "b",
            MetricStat: {
              Metric: {
                Namespace: "Lava",
                MetricName: "WorkerBacklog",
                Dimensions: [
                  { Name: "Realm", Value: lambda.realm },
                  { Name: "Worker", Value: "core" },
                ],
              },
              Period: 60,
              Stat: "Average",
            },
          },
        ],
      }),
    );
    expect(MetricDataResults?.[0]?.Values).toEqual([3.3]);
  });

  test("tells the age of the oldest message as SQS tells it, in the namespace of CW_NAMESPACE (LAM-305)", async () => {
    await using lambda = await open({
      workers: ["core"],
      groups: { core: ["InService"] },
      env: { LAVA_CW_NAMESPACE: "Own" },
    });
    // Nobody but SQS may put into its namespace: its values are put, and looked for, in another.
    const { cloudWatch, realm, clock } = lambda;
    cloudWatch.middlewareStack.add(
      (next) => async (args) => {
        const input = args.input as Partial<GetMetricDataCommandInput>;
        for (const { MetricStat } of input.MetricDataQueries ?? []) {
          if (MetricStat?.Metric?.Namespace === "AWS/SQS") MetricStat.Metric.Namespace = "SQS";
        }
        return await next(args);
      },
      { step: "initialize" },
    );
    const put = async (Value: number, ago: number) => {
      const Dimensions = [{ Name: "QueueName", Value: `lava-${realm}-core` }];
      const Timestamp = new Date(clock.now() - ago);
      const datum = { MetricName: "ApproximateAgeOfOldestMessage", Dimensions, Timestamp, Value };
      await cloudWatch.send(new PutMetricDataCommand({ Namespace: "SQS", MetricData: [datum] }));
    };
    await put(400, 240_000);
    await put(460, 180_000);

    expect(await lambda.call()).toEqual({
      workers: [{ worker: "core", backlog: 0, in_flight: 0, age: 460 }],
    });
    expect(await published(cloudWatch, "Own")).toContain(
      `WorkerQueueAge Realm=${realm},Worker=core`,
    );
  });

  test("leaves out queues that are no worker's (LAM-305, INF-340)", async () => {
    await using lambda = await open({ workers: ["core", "dead", "audit"] });
    await using other = await open({ workers: ["core"] });
    for (const [worker, role] of [
      ["core", "worker.dispatch"],
      ["audit", "realm.audit"],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- two
      const QueueUrl = await lambda.urlOf(worker);
      // oxlint-disable-next-line no-await-in-loop -- two
      await lambda.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { "lava:function": role } }));
    }
    const bare = createMetricsFunction({
      env: { LAVA_REALM: lambda.realm, LAVA_LAMBDA_DLQ: `lava-${lambda.realm}-dead` },
      clients: lambda.clients,
      write: () => undefined,
    });

    const { workers } = await bare(
      {},
      {
        awsRequestId: "r",
        functionName: `lava-${lambda.realm}-metrics`,
      },
    );

    expect(workers.map(({ worker }) => worker)).toEqual(["core"]);
    expect((await other.call()).workers).toHaveLength(1);
  });

  test("asks about no group at all when there is no queue (TRAP-LAM-03)", async () => {
    await using lambda = await open({ workers: [] });

    expect(await lambda.call()).toEqual({ workers: [] });
    expect(lambda.asked).toEqual([]);
  });

  test("asks about 50 groups at a time (LAM-305)", async () => {
    const workers = Array.from({ length: 51 }, (_, n) => `w${n}`);
    await using lambda = await open({ workers, groups: { w0: ["InService"], w50: ["InService"] } });

    const { workers: told } = await lambda.call();

    expect(lambda.asked).toHaveLength(2);
    expect(told.filter(({ backlog }) => backlog !== null)).toHaveLength(2);
  });

  test("a queue that cannot be read is logged and does not stop the others; the list counts for two minutes (LAM-301)", async () => {
    await using lambda = await open({ workers: ["core", "gone"] });
    await lambda.call();
    await lambda.sqs.send(new DeleteQueueCommand({ QueueUrl: await lambda.urlOf("gone") }));

    expect((await lambda.call()).workers.map(({ worker }) => worker)).toEqual(["core"]);
    expect(lambda.log).toContainEqual(
      expect.objectContaining({ level: "error", worker: "gone", realm: lambda.realm }),
    );

    lambda.log.length = 0;
    lambda.clock.advance(120_000);
    await lambda.call();
    expect(lambda.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("a role that may read neither tags nor ages publishes all the same", async () => {
    await using lambda = await open({
      workers: ["core"],
      deny: ({ operation }) => operation === "ListQueueTags" || operation === "GetMetricData",
    });

    expect((await lambda.call()).workers).toHaveLength(1);
  });

  test("what cannot be published is logged and raised (LAM-304)", async () => {
    await using lambda = await open({
      workers: ["core"],
      deny: ({ operation }) => operation === "PutMetricData",
    });

    await expect(lambda.call()).rejects.toMatchObject({
      name: expect.stringContaining("AccessDenied"),
    });
    expect(lambda.log).toContainEqual(
      expect.objectContaining({ level: "error", message: "cannot publish metrics" }),
    );
  });

  test("does nothing under the name of another realm's function (LAM-300)", async () => {
    await using lambda = await open({ workers: ["core"] });

    await expect(lambda.call("lava-other-metrics")).rejects.toMatchObject({
      code: "REALM_MISMATCH",
    });
  });
});
