import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clientSettings } from "../../test/clients.ts";
import { type LocalAws, startLocalAws } from "../index.ts";

let aws: LocalAws;
let client: CloudWatchClient;
beforeAll(async () => {
  aws = await startLocalAws();
  client = new CloudWatchClient(clientSettings(aws));
});
afterAll(async () => {
  client.destroy();
  await aws[Symbol.asyncDispose]();
});

it("takes large requests, which come compressed, and sets of values", async () => {
  const MetricData = Array.from({ length: 500 }, () => ({
    MetricName: "m",
    Value: 2,
    Dimensions: [{ Name: "D".repeat(50), Value: "v" }],
  }));
  await client.send(new PutMetricDataCommand({ Namespace: "N", MetricData }));
  const Dimensions = MetricData[0]?.Dimensions;
  await client.send(
    new PutMetricDataCommand({
      Namespace: "N",
      MetricData: [
        { MetricName: "m", Dimensions, Values: [1, 5], Counts: [2, 1] },
        {
          MetricName: "m",
          Dimensions,
          StatisticValues: { SampleCount: 2, Sum: 9, Minimum: 0, Maximum: 9 },
        },
      ],
    }),
  );
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: "N",
      MetricName: "m",
      Dimensions,
      StartTime: new Date(Date.now() - 3_600_000),
      EndTime: new Date(Date.now() + 3_600_000),
      Period: 86_400,
      Statistics: ["Sum", "SampleCount", "Minimum", "Maximum"],
    }),
  );

  expect(Datapoints).toMatchObject([{ Sum: 1016, SampleCount: 505, Minimum: 0, Maximum: 9 }]);
});

it.each([
  [{ MetricName: "a" }, "Value, MetricData.member.1.Values or"],
  [{ MetricName: "a", Value: 1, Unit: "Apples" as "Count" }, "Unit must be a value in the set"],
  [{ MetricName: "a", Value: 1, Timestamp: new Date(0) }, "no more than two weeks in the past"],
  [
    { MetricName: "a", Value: 1, Timestamp: new Date(Date.now() + 8e6) },
    "within the next two hours",
  ],
])("refuses %o", async (datum, message) => {
  await expect(
    client.send(new PutMetricDataCommand({ Namespace: "N", MetricData: [datum] })),
  ).rejects.toThrow(message);
});

it("refuses namespaces of AWS itself", async () => {
  await expect(
    client.send(
      new PutMetricDataCommand({
        Namespace: "AWS/Mine",
        MetricData: [{ MetricName: "a", Value: 1 }],
      }),
    ),
  ).rejects.toThrow("The value AWS/Mine for parameter Namespace is invalid");
});
