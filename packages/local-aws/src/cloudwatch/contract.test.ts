import { randomUUID } from "node:crypto";
import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { type ContractTarget, openContractTarget } from "../../test/contract-target.ts";

let at: ContractTarget;
let client: CloudWatchClient;
beforeAll(async () => {
  at = await openContractTarget();
  client = new CloudWatchClient(clientSettings(at.target));
});
afterAll(async () => {
  client.destroy();
  await at[Symbol.asyncDispose]();
});

const Dimensions = [
  { Name: "Realm", Value: "r" },
  { Name: "Worker", Value: "w" },
];
const minute = (n: number) => new Date(Math.floor(Date.now() / 60_000) * 60_000 - n * 60_000);

it("keeps what is put, and gives statistics of it", async () => {
  const Namespace = `Test-${randomUUID()}`;
  const put = (Value: number, Timestamp: Date) =>
    client.send(
      new PutMetricDataCommand({
        Namespace,
        MetricData: [{ MetricName: "RunDelay", Dimensions, Unit: "Seconds", Value, Timestamp }],
      }),
    );
  await put(1, minute(3));
  await put(3, minute(3));
  await put(10, minute(2));

  const { Metrics } = await client.send(new ListMetricsCommand({ Namespace }));
  expect(Metrics).toContainEqual({ Namespace, MetricName: "RunDelay", Dimensions });
  const range = { StartTime: minute(5), EndTime: minute(0) };
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      ...{ Namespace, MetricName: "RunDelay", Dimensions, Period: 60, ...range },
      Statistics: ["Average", "Maximum", "SampleCount"],
    }),
  );
  const points = Datapoints.toSorted((a, b) => Number(a.Timestamp) - Number(b.Timestamp));
  expect(points).toMatchObject([
    { Timestamp: minute(3), Average: 2, Maximum: 3, SampleCount: 2 },
    { Timestamp: minute(2), Average: 10, Maximum: 10, SampleCount: 1 },
  ]);
  const { MetricDataResults } = await client.send(
    new GetMetricDataCommand({
      ...range,
      MetricDataQueries: [
        {
          Id: "q",
          MetricStat: {
            Metric: { Namespace, MetricName: "RunDelay", Dimensions },
            Period: 60,
            Stat: "Sum",
          },
        },
      ],
    }),
  );
  expect(MetricDataResults?.[0]?.Values).toEqual(expect.arrayContaining([10, 4]));
});
